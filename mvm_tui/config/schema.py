"""Every option of the config file, documented where it is defined.

The string below an option is its documentation: `config show` and the docs read it from here. A field's
type says what the file may hold.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from mvm_tui.model.launch import Logging

Text = Annotated[str, Meta(min_length=1, max_length=2_000)]
Keys = str | list[str]
Money = Annotated[float, Meta(gt=0, le=1_000_000)]
# What a description says is what the user is told to write.
Path = Annotated[
    str, Meta(max_length=200, pattern=r"^(/[!-~]*)?$", description='Write a path that begins with "/", or ""')
]


class Shell(msgspec.Struct, frozen=True, kw_only=True):
    """How shells behave, in the UI and on the command line."""

    leader: Keys = msgspec.field(default_factory=lambda: ["ctrl+]", "f12"])
    """The keys that are not the MicroVM's: one of them, then d, detaches. ctrl+ and a letter or one of
    @ [ \\ ] ^ _, or f1 to f12; many keyboards have no ], so there are two."""

    on_attach: Annotated[str, Meta(max_length=1_000)] = ""
    """A line that is typed once into each new shell, e.g. "export TERM=xterm-256color"; empty for none."""

    path: Path = ""
    """Path of the shell's websocket; empty tries those that are known: "/shell", then "/"."""

    keepalive_seconds: Annotated[float, Meta(ge=0, le=3_600)] = 20.0
    """Seconds between two pings. A quiet connection is cut after about 60. 0 sends none. Whether they keep a
    MicroVM from being suspended when idle, and so billed, is not known."""

    clipboard: Literal["ask", "allow", "deny"] = "ask"
    """Whether a program in the MicroVM may write your clipboard (OSC 52). Where there is no way to ask, as
    in a shell on your own terminal, "ask" is "deny". Reading it is never answered."""

    titles: bool = True
    """Whether a program in the MicroVM may set the title of the tab or of your terminal."""

    bell: bool = True
    """Whether the bell of a shell in the UI is shown, as a flash."""

    paste_guard: bool = True
    """Whether the UI shows a paste of several lines or with control characters before it is sent."""

    history_lines: Annotated[int, Meta(ge=0, le=1_000_000)] = 10_000
    """Lines that a shell in the UI keeps to scroll back to."""

    token_minutes: Annotated[int, Meta(ge=1, le=60)] = 15
    """Minutes for which a token is valid. It counts when a connection begins; open ones outlive it."""

    keyring: bool = False
    """Whether tokens are also kept in the system's keyring, so that one run can use what another was
    given. Without it, or where there is no keyring, they are kept in memory only."""


class ImageLogs(msgspec.Struct, frozen=True, kw_only=True):
    """Where the MicroVMs of one image log; it goes before what a launch from here chose."""

    group: Annotated[str, Meta(max_length=512)] = ""
    """Log group; empty is the service's default group for the image."""

    stream: Annotated[str, Meta(max_length=512)] = ""
    """Log stream; {id} and {version} stand for the MicroVM's own. Empty: found by the MicroVM's id."""


class Logs(msgspec.Struct, frozen=True, kw_only=True):
    """How logs are shown, in the UI and on the command line."""

    timestamps: Literal["local", "utc", "relative", "off"] = "local"
    """How the times of lines are shown."""

    wrap: bool = False
    """Whether the UI breaks long lines instead of cutting them at the edge."""

    columns: list[Text] = msgspec.field(default_factory=list)
    """Members of JSON lines that the UI shows first, each in a column of its own, e.g. ["status", "path"]."""

    keep_lines: Annotated[int, Meta(ge=1_000, le=2_000_000)] = 200_000
    """Lines that the UI keeps of a log; older ones are read again when you scroll up."""

    keep_megabytes: Annotated[int, Meta(ge=1, le=2_048)] = 64
    """Memory that these lines may take, in MB."""

    live_tail: bool = False
    """Whether the UI switches Live Tail on by itself. It shows lines sooner; AWS charges for its minutes."""

    highlight: dict[str, Annotated[str, Meta(min_length=1, max_length=100)]] = msgspec.field(
        default_factory=dict
    )
    """Section [logs.highlight]: styles by regular expression, e.g. "timed? out" = "bold red"."""

    images: dict[str, ImageLogs] = msgspec.field(default_factory=dict)
    """Sections [logs.images.NAME] with group and stream for one image."""

    def places(self) -> dict[str, Logging]:
        """Where images log by their names, for `mvm_tui.logs.places.where`."""
        return {
            name: Logging(group=section.group, stream=section.stream) for name, section in self.images.items()
        }


class BuildPlace(msgspec.Struct, frozen=True, kw_only=True):
    """What builds need of the account, where the command line does not name it."""

    bucket: Text | None = None
    """Bucket that builds upload to; without one, mvm-tui-ACCOUNT-REGION is proposed."""

    role: Text | None = None
    """ARN of the role that builds run as."""

    base: Text | None = None
    """Managed base image, by name or ARN; without one, the newest."""

    base_version: Text | None = None
    """Version of the base image; without one, the service's choice."""

    memory: int | None = None
    """Baseline memory of what is built, in MiB; without it 2048."""


class Build(BuildPlace, frozen=True, kw_only=True):
    """What builds need in any region, and sections for what differs in one."""

    regions: dict[str, BuildPlace] = msgspec.field(default_factory=dict)
    """Sections [build.regions.REGION] with what differs in one region, such as the bucket."""

    def in_region(self, region: str) -> BuildPlace:
        """What holds in a region."""
        place = self.regions.get(region)
        return self if place is None else laid_over(self, place)

    def under(self, other: Build) -> Build:
        """This with another laid over it, region by region."""
        names = {*self.regions, *other.regions}
        regions = {
            name: laid_over(self.regions.get(name, BuildPlace()), other.regions.get(name, BuildPlace()))
            for name in names
        }
        return msgspec.structs.replace(laid_over(self, other), regions=regions)


Place = TypeVar("Place", bound=BuildPlace)


def laid_over(below: Place, above: BuildPlace) -> Place:
    """The options of `above` that are set, else those of `below`."""
    names = (item.name for item in msgspec.structs.fields(BuildPlace))
    given = {name: value for name in names if (value := getattr(above, name)) is not None}
    return msgspec.structs.replace(below, **given)


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for one AWS profile only; it goes before the same option outside the section."""

    region: Text | None = None
    """AWS region to use with this profile, e.g. "eu-west-1"."""

    endpoint_url: Text | None = None
    """Endpoint to use with this profile instead of AWS, e.g. "http://127.0.0.1:4566"."""

    read_only: bool | None = None
    """Whether everything but reading is forbidden with this profile."""

    theme: Text | None = None
    """Theme to use with this profile, e.g. one that warns of production by its colours."""

    budget_per_day: Money | None = None
    """What MicroVMs may cost in a day with this profile, in USD; see the option outside the section."""

    build: Build | None = None
    """Section [profiles.NAME.build]: what builds need with this profile."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the config file with their defaults."""

    profile: Text | None = None
    """AWS profile to use when neither --profile nor AWS_PROFILE names one."""

    region: Text | None = None
    """AWS region to use when neither --region nor AWS_REGION nor AWS_DEFAULT_REGION names one."""

    endpoint_url: Text | None = None
    """Endpoint to use instead of AWS when neither --endpoint-url nor AWS_ENDPOINT_URL names one."""

    read_only: bool = False
    """Whether everything but reading is forbidden. --read-only switches it on for one run."""

    theme: Text | None = None
    """Name of the theme; without one, the app's own dark theme."""

    mouse: bool = True
    """Whether the UI takes the mouse; without it the terminal's own selection works as usual."""

    budget_per_day: Money | None = None
    """What MicroVMs may cost in a day (UTC), in USD, e.g. 5.0. The header turns amber when that is nearly
    spent or will be by midnight, and red when it is; a launch that would pass it asks."""

    columns: list[str] = msgspec.field(default_factory=list)
    """Columns of the MicroVM table in order, by id; empty shows all that fit."""

    sort: str = ""
    """Column to sort the MicroVM table by, by id; a leading "-" turns the order round."""

    show_ended: bool = False
    """Whether the MicroVM table shows MicroVMs that have ended."""

    shell: Shell = msgspec.field(default_factory=Shell)
    """Section [shell]: how shells behave."""

    logs: Logs = msgspec.field(default_factory=Logs)
    """Section [logs]: how logs are shown, and where images log."""

    build: Build = msgspec.field(default_factory=Build)
    """Section [build]: what builds need of the account."""

    keys: dict[str, Keys] = msgspec.field(default_factory=dict)
    """Keys by action id, e.g. "microvm.suspend" = "f5"; a list gives several, an empty one none."""

    profiles: dict[str, Profile] = msgspec.field(default_factory=dict)
    """Sections [profiles.NAME] with options for one AWS profile."""

    @property
    def day_budget(self) -> Decimal | None:
        """`budget_per_day` as it is written; None if there is none."""
        return None if self.budget_per_day is None else Decimal(str(self.budget_per_day))

    def for_profile(self, name: str | None) -> Settings:
        """These settings with the section of the profile laid over them."""
        section = self.profiles.get(name or "default")
        if section is None:
            return self
        given = {
            field: value for field, value in msgspec.structs.asdict(section).items() if value is not None
        }
        if section.build is not None:
            given["build"] = self.build.under(section.build)
        return msgspec.structs.replace(self, **given)

    def without_aws(self) -> Settings:
        """These settings without what speaks of AWS: profiles, region, endpoint, read-only mode, builds."""
        return msgspec.structs.replace(
            self, profile=None, region=None, endpoint_url=None, read_only=False, profiles={}, build=Build()
        )

    def keymap(self) -> dict[str, tuple[str, ...]]:
        """Action id → its keys, for those that the file remaps; empty means that it has none."""
        return {action: split_keys(keys) for action, keys in self.keys.items()}


def split_keys(keys: Keys) -> tuple[str, ...]:
    """One action's keys: ``"f5"``, ``"f5,ctrl+z"`` or a list of them."""
    listed = keys.split(",") if isinstance(keys, str) else keys
    return tuple(key.strip() for key in listed if key.strip())
