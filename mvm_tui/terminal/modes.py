"""The modes a program may set, ask for, save and restore."""

from __future__ import annotations

from dataclasses import dataclass

from mvm_tui.terminal.base import DECAWM, DECOM, DECSCNM, DECTCEM, IRM, LNM, PRIVATE_SHIFT
from mvm_tui.terminal.editing import Editing

APPLICATION_CURSOR = 1
BLINKING_CURSOR = 12
APPLICATION_KEYPAD = 66
BACKARROW_SENDS_BS = 67
MOUSE_PROTOCOLS = (9, 1000, 1002, 1003)
FOCUS_REPORTS = 1004
MOUSE_ENCODINGS = (1005, 1006, 1015)
ALTERNATE_SCROLL = 1007
META_SENDS_ESCAPE = 1036
ALTERNATE_SCREENS = (47, 1047, 1049)
SAVED_CURSOR = 1048
BRACKETED_PASTE = 2004
SYNCHRONISED = 2026

_KNOWN_PRIVATE = frozenset(
    (
        APPLICATION_CURSOR,
        5,
        6,
        7,
        BLINKING_CURSOR,
        25,
        45,
        APPLICATION_KEYPAD,
        BACKARROW_SENDS_BS,
        FOCUS_REPORTS,
        ALTERNATE_SCROLL,
        META_SENDS_ESCAPE,
        SAVED_CURSOR,
        BRACKETED_PASTE,
        SYNCHRONISED,
        *MOUSE_PROTOCOLS,
        *MOUSE_ENCODINGS,
        *ALTERNATE_SCREENS,
    )
)
# What DECRQM calls permanently reset: modes we know of and never change.
_NEVER = frozenset((2, 3, 8, 1001))
_EXCLUSIVE = (MOUSE_PROTOCOLS, MOUSE_ENCODINGS)
# On after a reset.
INITIAL = frozenset((DECAWM, DECTCEM, META_SENDS_ESCAPE << PRIVATE_SHIFT, ALTERNATE_SCROLL << PRIVATE_SHIFT))
# DECSTR leaves these as they are.
_SURVIVE_SOFT_RESET = frozenset(
    mode << PRIVATE_SHIFT
    for mode in (
        5,
        BLINKING_CURSOR,
        BACKARROW_SENDS_BS,
        ALTERNATE_SCROLL,
        META_SENDS_ESCAPE,
        *MOUSE_PROTOCOLS,
        *MOUSE_ENCODINGS,
        *ALTERNATE_SCREENS,
    )
)


@dataclass(frozen=True, slots=True)
class Modes:
    """What the keyboard, mouse and painter must know.

    ``mouse_protocol`` is 0, 9, 1000, 1002 or 1003; ``mouse_encoding`` 0 (X10), 1005, 1006 or 1015.
    ``modify_other_keys`` is 0, 1 or 2. ``synchronised``: nothing is to be painted until it ends, or the
    caller's patience does.
    """

    application_cursor: bool
    application_keypad: bool
    bracketed_paste: bool
    focus_reports: bool
    mouse_protocol: int
    mouse_encoding: int
    modify_other_keys: int
    backarrow_sends_bs: bool
    meta_sends_escape: bool
    synchronised: bool
    alternate_screen: bool
    alternate_scroll: bool
    reverse_video: bool
    newline: bool


class Moding(Editing):
    """Setting, resetting, reporting and restoring modes."""

    def start_modes(self) -> None:
        """As after a reset."""
        self.mode: set[int] = set(INITIAL)
        self.kept_modes: dict[int, bool] = {}
        self.modify_other_keys = 0
        self.cursor.hidden = False
        self.cursor_blink = False
        self._look()

    def set_mode(self, *modes: int, private: bool = False) -> None:
        """SM, DECSET."""
        for mode in modes:
            if private:
                self._set_private(mode)
            elif mode in (IRM, LNM):
                self.mode.add(mode)
        self._look()

    def reset_mode(self, *modes: int, private: bool = False) -> None:
        """RM, DECRST."""
        for mode in modes:
            if private:
                self._reset_private(mode)
            elif mode in (IRM, LNM):
                self.mode.discard(mode)
        self._look()

    def _set_private(self, mode: int) -> None:
        if mode == 2:
            self.charsets = [None] * 4
        if mode not in _KNOWN_PRIVATE:
            return
        for group in _EXCLUSIVE:
            if mode in group:
                self._forget(group)
        if mode in (SAVED_CURSOR, 1049):
            self.save_cursor()
        if mode in ALTERNATE_SCREENS:
            self.use_alternate()
            self._forget(ALTERNATE_SCREENS)
        self.mode.add(mode << PRIVATE_SHIFT)
        self._after_private(mode)

    def _reset_private(self, mode: int) -> None:
        if mode not in _KNOWN_PRIVATE:
            return
        for group in _EXCLUSIVE:
            if mode in group:
                self._forget(group)
        if mode in ALTERNATE_SCREENS:
            self.use_main()
            self._forget(ALTERNATE_SCREENS)
        if mode in (SAVED_CURSOR, 1049):
            # Also on the main screen: some programs leave twice.
            self.restore_cursor()
        self.mode.discard(mode << PRIVATE_SHIFT)
        self._after_private(mode)

    def _forget(self, group: tuple[int, ...]) -> None:
        self.mode.difference_update(mode << PRIVATE_SHIFT for mode in group)

    def _after_private(self, mode: int) -> None:
        shifted = mode << PRIVATE_SHIFT
        if shifted == DECOM:
            self.cursor_position()
        elif shifted == DECTCEM:
            self.cursor.hidden = DECTCEM not in self.mode
        elif shifted == DECSCNM:
            self.redraw = True
        elif mode == BLINKING_CURSOR:
            self.cursor_blink = self.has(BLINKING_CURSOR)

    def has(self, mode: int) -> bool:
        """Whether a private mode is set."""
        return mode << PRIVATE_SHIFT in self.mode

    def save_modes(self, *modes: int) -> None:
        """XTSAVE."""
        self.kept_modes.update({mode: self.has(mode) for mode in modes if mode in _KNOWN_PRIVATE})

    def restore_modes(self, *modes: int) -> None:
        """XTRESTORE: modes that were never saved stay as they are."""
        for mode in modes:
            kept = self.kept_modes.get(mode)
            if kept is not None and kept != self.has(mode):
                (self.set_mode if kept else self.reset_mode)(mode, private=True)

    def report_mode(self, mode: int = 0, private: bool = False) -> None:
        """DECRQM: 1 set, 2 reset, 4 never set, 0 unknown."""
        if private:
            known = mode in _KNOWN_PRIVATE
            state = (1 if self.has(mode) else 2) if known else 4 if mode in _NEVER else 0
        else:
            state = (1 if mode in self.mode else 2) if mode in (IRM, LNM) else 4 if mode in (2, 12) else 0
        self.outbox.reply(f"\x1b[{'?' if private else ''}{mode};{state}$y")

    def set_keypad(self, application: bool) -> None:
        """DECKPAM, DECKPNM."""
        (self.set_mode if application else self.reset_mode)(APPLICATION_KEYPAD, private=True)

    def set_key_modifiers(self, resource: int = 0, value: int = 0) -> None:
        """XTMODKEYS: of its resources only modifyOtherKeys (4), values 0 to 2."""
        if resource in (0, 4):
            self.modify_other_keys = value if resource and value <= 2 else 0

    def reset_key_modifiers(self, resource: int = 0) -> None:
        """XTMODKEYS' disabling form."""
        self.set_key_modifiers(resource, 0)

    def report_key_modifiers(self, resource: int = 0) -> None:
        """XTQMODKEYS."""
        if resource == 4:
            self.outbox.reply(f"\x1b[>4;{self.modify_other_keys}m")

    def soft_reset_modes(self) -> None:
        """What DECSTR does to modes."""
        self.mode = (self.mode & _SURVIVE_SOFT_RESET) | {DECAWM, DECTCEM}
        self.modify_other_keys = 0
        self.cursor.hidden = False
        self._look()

    def modes(self) -> Modes:
        """The modes now."""
        return Modes(
            application_cursor=self.has(APPLICATION_CURSOR),
            application_keypad=self.has(APPLICATION_KEYPAD),
            bracketed_paste=self.has(BRACKETED_PASTE),
            focus_reports=self.has(FOCUS_REPORTS),
            mouse_protocol=next((mode for mode in MOUSE_PROTOCOLS if self.has(mode)), 0),
            mouse_encoding=next((mode for mode in MOUSE_ENCODINGS if self.has(mode)), 0),
            modify_other_keys=self.modify_other_keys,
            backarrow_sends_bs=self.has(BACKARROW_SENDS_BS),
            meta_sends_escape=self.has(META_SENDS_ESCAPE),
            synchronised=self.has(SYNCHRONISED),
            alternate_screen=self.alternate,
            alternate_scroll=self.has(ALTERNATE_SCROLL),
            reverse_video=DECSCNM in self.mode,
            newline=LNM in self.mode,
        )

    def save_cursor(self) -> None:
        """DECSC, SCOSC: of this buffer; position, style, charsets, origin mode."""
        saved = self.saved
        saved.x, saved.y = self.cursor.x, self.cursor.y
        saved.style = self.style
        saved.charsets = tuple(self.charsets)
        saved.charset = self.charset
        saved.origin = DECOM in self.mode

    def restore_cursor(self) -> None:
        """DECRC, SCORC: what was saved, or the state after a reset."""
        saved = self.saved
        self.style = saved.style
        self.charsets = list(saved.charsets)
        self.charset = saved.charset
        (self.mode.add if saved.origin else self.mode.discard)(DECOM)
        self.cursor.x = min(saved.x, self.columns - 1)
        low, high = (self.top, self.bottom) if saved.origin else (0, self.lines - 1)
        self.cursor.y = min(max(saved.y, low), high)
        self._look()
