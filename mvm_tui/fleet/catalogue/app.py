"""Actions on the app as a whole, on whatever screen."""

from __future__ import annotations

from mvm_tui.fleet.action import Action, Scope

APP_ACTIONS: tuple[Action, ...] = (
    Action("app.microvms", "MicroVMs", ("1",), Scope.APP, "Show the table of MicroVMs.", verb="microvms"),
    Action("app.images", "images", ("2",), Scope.APP, "Show images and their versions.", verb="images"),
    Action("app.shells", "shells", ("4",), Scope.APP, "Show the open shells.", verb="shells"),
    Action("app.cost", "cost", ("5",), Scope.APP, "Show what everything costs.", verb="cost"),
    Action(
        "app.forwards",
        "forwards",
        ("O",),
        Scope.APP,
        "Show the forwarded ports and what goes through them.",
        verb="forwards",
    ),
    Action("app.logs", "logs", ("3",), Scope.APP, "Show the log that is read, or choose one."),
    Action("app.command", "command", ("colon",), Scope.APP, "Open the command line.", footer=True),
    Action("app.help", "help", ("question_mark",), Scope.APP, "Show the keys.", verb="help", footer=True),
    Action("app.palette", "palette", ("ctrl+p",), Scope.APP, "Search everything that can be done."),
    Action(
        "app.messages",
        "messages",
        ("exclamation_mark",),
        Scope.APP,
        "Show what was done and what failed.",
        verb="messages",
    ),
    Action(
        "app.refresh",
        "refresh",
        ("R",),
        Scope.APP,
        "Read everything again, with a new sign-in.",
        verb="refresh",
    ),
    Action("app.profile", "profile", (), Scope.APP, "Switch the AWS profile.", verb="profile"),
    Action("app.region", "region", (), Scope.APP, "Switch the region.", verb="region"),
    Action("app.theme", "theme", (), Scope.APP, "Switch the theme.", verb="theme"),
    Action("app.close", "close", ("escape",), Scope.APP, "Close, clear the filter, clear the marks."),
    Action("app.back", "back", ("q",), Scope.APP, "Go back; on the first screen, quit.", verb="quit"),
)
