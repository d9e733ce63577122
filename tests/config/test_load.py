"""The config file: what is right holds, what is wrong is reported where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.config.docs import as_toml, options
from mvm_tui.config.lines import locate
from mvm_tui.config.load import Known, Loaded, load
from mvm_tui.config.schema import ImageLogs, Logs, Profile, Settings, Shell
from mvm_tui.fleet.actions import ACTIONS
from mvm_tui.fleet.sections import SECTIONS
from mvm_tui.model.launch import Logging

KNOWN = Known(
    {action.id: action.keys for action in ACTIONS},
    [{action.id for action in section.actions} for section in SECTIONS],
    ("state", "name", "age"),
    ("dusk", "dawn"),
)


def read(tmp_path: Path, text: str) -> Loaded:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, KNOWN)


def told(loaded: Loaded) -> list[str]:
    return [
        f"{complaint.line}: {complaint.message} | {complaint.suggestion}" for complaint in loaded.complaints
    ]


def test_a_missing_file_gives_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml", KNOWN) == Loaded(Settings())


def test_everything_right_holds_without_a_word(tmp_path: Path) -> None:
    loaded = read(
        tmp_path,
        """
        profile = "dev"
        theme = "dawn"
        columns = ["state", "age"]
        sort = "-age"
        [keys]
        "microvm.suspend" = "f5"
        microvm.resume = ["f6", "ctrl+r"]
        microvm.raw = []
        [profiles.prod]
        read_only = true
        region = "eu-west-1"
        """,
    )
    assert told(loaded) == []
    assert loaded.settings.columns == ["state", "age"]
    assert loaded.settings.keymap() == {
        "microvm.suspend": ("f5",),
        "microvm.resume": ("f6", "ctrl+r"),
        "microvm.raw": (),
    }
    assert loaded.settings.profiles["prod"] == Profile(read_only=True, region="eu-west-1")


def test_each_wrong_entry_is_named_with_its_line_and_the_rest_holds(tmp_path: Path) -> None:
    loaded = read(
        tmp_path,
        """them = "dusk"
mouse = 1
theme = "dsk"
columns = ["state",
  "nme"]
sort = "size"
region = "eu-west-1"
[profiles.prod]
regon = "eu-west-2"
theme = "dawn"
[keys]
microvm.suspnd = "f5"
"microvm.resume" = 7
""",
    )
    assert told(loaded) == [
        "1: there is no option 'them' | Did you mean 'theme'?",
        "2: mouse cannot be 1 | Write true or false",
        "3: there is no theme 'dsk' | Did you mean 'dusk'?",
        "4: there is no column 'nme' | Did you mean 'name'?",
        "6: there is no column 'size' | There are: age, name, state",
        "9: there is no option 'regon' in [profiles.prod] | Did you mean 'region'?",
        "12: there is no action 'microvm.suspnd' | Did you mean 'microvm.suspend'?",
        "13: the keys of microvm.resume cannot be 7 | Write text or a list of texts",
    ]
    assert loaded.settings.region == "eu-west-1"
    assert loaded.settings.columns == ["state"]
    assert loaded.settings.profiles["prod"].theme == "dawn"
    assert loaded.settings.keys == {}


def test_the_section_of_shells_is_checked_like_the_rest(tmp_path: Path) -> None:
    loaded = read(
        tmp_path,
        """[shell]
clipbord = "ask"
clipboard = "x"
token_minutes = 99
leader = ["f12", "hyper+x"]
on_attach = 3
path = "no"
keepalive_seconds = -1
titles = false
""",
    )
    assert told(loaded) == [
        "2: there is no option 'clipbord' in [shell] | Did you mean 'clipboard'?",
        "3: clipboard cannot be 'x' | Write one of ask, allow, deny",
        "4: token_minutes cannot be 99 | Write a whole number from 1 to 60",
        "5: the leader cannot be 'hyper+x' | Write ctrl+ and a letter or one of @ [ \\ ] ^ _, or f1 to f12",
        "6: on_attach cannot be 3 | Write text in quotes",
        '7: path cannot be \'no\' | Write a path that begins with "/", or ""',
        "8: keepalive_seconds cannot be -1 | Write a number from 0 to 3600",
    ]
    assert loaded.settings.shell == Shell(titles=False)


@pytest.mark.parametrize("text", ["shell = 1", "shell = []"])
def test_shell_must_be_a_section(tmp_path: Path, text: str) -> None:
    assert told(read(tmp_path, text)) == ["1: shell must be a section | Write [shell]"]


@pytest.mark.parametrize("leader", ['""', "[]"])
def test_a_shell_always_has_a_leader(tmp_path: Path, leader: str) -> None:
    loaded = read(tmp_path, f"[shell]\nleader = {leader}\n")
    assert "the leader cannot be ''" in told(loaded)[0]
    assert loaded.settings.shell.leader == ["ctrl+]", "f12"]


def test_what_is_shown_of_shells_reads_back_as_it_was(tmp_path: Path) -> None:
    text = '[shell]\nleader = "ctrl+a"\non_attach = "export A=\\"1\\""\nhistory_lines = 5\n'
    loaded = read(tmp_path, text)
    assert told(loaded) == []
    shown = as_toml(loaded.settings)
    assert "# Lines that a shell in the UI keeps" in shown
    assert read(tmp_path, shown).settings == loaded.settings


def test_the_section_of_logs_is_checked_like_the_rest(tmp_path: Path) -> None:
    loaded = read(
        tmp_path,
        """[logs]
timestamp = "utc"
timestamps = "never"
keep_lines = 5
wrap = true

[logs.highlight]
"timed? out" = "bold red"

[logs.images.web]
group = "team/web"
stream = "{id}"
streams = "x"

[logs.images]
worker = "x"
""",
    )
    assert told(loaded) == [
        "2: there is no option 'timestamp' in [logs] | Did you mean 'timestamps'?",
        "3: timestamps cannot be 'never' | Write one of local, utc, relative, off",
        "4: keep_lines cannot be 5 | Write a whole number from 1000 to 2000000",
        "13: there is no option 'streams' in [logs.images.web] | Did you mean 'stream'?",
        "16: there is no option 'worker' in [logs.images] | Write [logs.images.NAME]",
    ]
    images = {"web": ImageLogs(group="team/web", stream="{id}")}
    logs = Logs(wrap=True, highlight={"timed? out": "bold red"}, images=images)
    assert loaded.settings.logs == logs
    assert logs.places() == {"web": Logging(group="team/web", stream="{id}")}
    assert read(tmp_path, as_toml(loaded.settings)).settings == loaded.settings


@pytest.mark.parametrize("text", ["logs = 1", "[logs]\nimages = 1"])
def test_logs_must_be_sections(tmp_path: Path, text: str) -> None:
    loaded = read(tmp_path, text)
    assert "must be" in told(loaded)[0]
    assert loaded.settings.logs == Logs()


def test_two_actions_on_one_key_are_reported_once(tmp_path: Path) -> None:
    loaded = read(
        tmp_path, '[keys]\n"microvm.suspend" = "x"\n"microvm.raw" = "f9"\n"microvm.launch" = "f9"\n'
    )
    assert told(loaded) == [
        "2: the key 'x' of microvm.suspend is also that of microvm.terminate "
        "| Give microvm.terminate another key",
        "4: the key 'f9' of microvm.launch is also that of microvm.raw | Give microvm.raw another key",
    ]


def test_swapping_two_keys_is_no_clash(tmp_path: Path) -> None:
    loaded = read(tmp_path, '[keys]\n"microvm.suspend" = "r"\n"microvm.resume" = "z"\n')
    assert told(loaded) == []


@pytest.mark.parametrize("value", ['"yes"', "1", "[true]", "{}"])
def test_a_wrong_read_only_counts_as_read_only(tmp_path: Path, value: str) -> None:
    loaded = read(tmp_path, f"read_only = {value}\n[profiles.prod]\nread_only = {value}\n")
    assert loaded.settings.read_only
    assert loaded.settings.profiles["prod"].read_only
    assert [complaint.line for complaint in loaded.complaints] == [1, 3]


def test_what_is_no_toml_is_left_out_and_the_rest_holds(tmp_path: Path) -> None:
    loaded = read(
        tmp_path,
        """theme = "dawn"
mouse == false
region = "eu-west-1"
region = "eu-west-2"
columns = ["state"
[profiles.prod
read_only = false
[profiles.dev]
read_only = true
""",
    )
    assert [complaint.line for complaint in loaded.complaints] == [2, 4, 5, 6]
    assert loaded.settings.theme == "dawn"
    assert loaded.settings.region == "eu-west-1"
    assert loaded.settings.profiles == {"dev": Profile(read_only=True)}
    assert not loaded.settings.read_only


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 1_000_001])
def test_an_unreadable_file_makes_the_app_read_only(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    loaded = load(path)
    assert loaded.settings.read_only
    assert "cannot be read" in str(loaded.complaints[0])


def test_a_folder_in_its_place_is_reported(tmp_path: Path) -> None:
    assert "it is not a file" in str(load(tmp_path).complaints[0])


@given(st.text(max_size=300))
def test_no_text_at_all_keeps_the_app_from_opening(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    for complaint in load(path, KNOWN).complaints:
        assert str(complaint).isprintable()


_names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)


@given(st.lists(st.tuples(_names, st.integers()), unique_by=lambda pair: pair[0], min_size=1))
def test_every_key_is_located_on_its_own_line(pairs: list[tuple[str, int]]) -> None:
    text = "\n".join(f"{name} = {value}" for name, value in pairs)
    assert locate(text) == {(name,): line for line, (name, _) in enumerate(pairs, 1)}


def test_location_sees_through_sections_and_long_values() -> None:
    text = '# comment\n[a."b.c"]\nx = [\n  1,\n]\ny = """\nz = 1\n"""\n[d]\ne.f = {g = 1}\n'
    assert locate(text) == {
        ("a", "b.c"): 2,
        ("a", "b.c", "x"): 3,
        ("a", "b.c", "y"): 6,
        ("d",): 9,
        ("d", "e"): 10,
        ("d", "e", "f"): 10,
        ("d", "e", "f", "g"): 10,
    }


def test_a_profiles_section_lies_over_the_rest() -> None:
    settings = Settings(
        region="us-east-1", theme="dusk", profiles={"prod": Profile(read_only=True, theme="dawn")}
    )
    prod = settings.for_profile("prod")
    assert (prod.region, prod.theme, prod.read_only) == ("us-east-1", "dawn", True)
    assert settings.for_profile("dev") == settings
    assert settings.for_profile(None) == settings


def test_every_option_is_documented() -> None:
    for kind in (Settings, Shell, Profile):
        for option in options(kind):
            assert option.doc.endswith("."), option.name


def test_what_config_show_prints_reads_back_the_same(tmp_path: Path) -> None:
    settings = Settings(
        region="eu-west-1",
        theme="dawn",
        columns=["state"],
        keys={"microvm.suspend": "f5", "microvm.resume": ["f6"]},
        profiles={"a.b": Profile(read_only=True), "empty": Profile()},
    )
    assert read(tmp_path, as_toml(settings)) == Loaded(settings)
    assert read(tmp_path, as_toml(Settings())) == Loaded(Settings())


BUILDS = """
[build]
bucket = "all"
memory = 1024
[build.regions.eu-west-1]
bucket = "ireland"
[profiles.prod.build]
role = "arn:aws:iam::123456789012:role/prod"
[profiles.prod.build.regions.eu-west-1]
memory = 4096
"""


def test_what_builds_need_is_laid_over_by_profile_and_by_region(tmp_path: Path) -> None:
    loaded = read(tmp_path, BUILDS)
    assert loaded.complaints == ()
    here = loaded.settings.build.in_region("us-east-1")
    assert (here.bucket, here.memory, here.role) == ("all", 1_024, None)
    assert loaded.settings.build.in_region("eu-west-1").bucket == "ireland"
    prod = loaded.settings.for_profile("prod").build.in_region("eu-west-1")
    assert (prod.bucket, prod.memory) == ("ireland", 4_096)
    assert prod.role == "arn:aws:iam::123456789012:role/prod"
    again = read(tmp_path, as_toml(loaded.settings))
    assert again.settings == loaded.settings


def test_what_is_wrong_in_nested_sections_is_told_with_its_line(tmp_path: Path) -> None:
    text = '[build]\nbuckt = "x"\nmemory = "big"\nregions = 3\n[profiles.prod]\nbuild = "x"\n'
    assert [line.partition(" |")[0] for line in told(read(tmp_path, text))] == [
        "2: there is no option 'buckt' in [build]",
        "3: memory cannot be 'big'",
        "4: regions must be sections",
        "6: build must be a section",
    ]


def test_the_budget_is_a_number_above_nothing(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("budget_per_day = 5\n[profiles.prod]\nbudget_per_day = 12.5\n")
    settings = load(file).settings
    assert settings.for_profile(None).budget_per_day == 5.0
    assert settings.for_profile("prod").budget_per_day == 12.5
    file.write_text('budget_per_day = "5"\n')
    loaded = load(file)
    assert loaded.settings.budget_per_day is None
    assert "a number" in str(loaded.complaints[0])
    file.write_text("budget_per_day = 0\n")
    assert load(file).complaints
    assert "# budget_per_day = 0.0" in as_toml(Settings())


def test_a_column_that_cannot_be_sorted_by_is_told_apart_from_none(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('sort = "-cost"\n', encoding="utf-8")
    known = Known(columns=("name", "age", "cost"), sortable=("name", "age"))
    loaded = load(path, known)
    assert told(loaded) == ["1: cannot sort by '-cost' | There are: age, name"]
    assert loaded.settings.sort == Settings().sort
    path.write_text('sort = "-age"\n', encoding="utf-8")
    assert not load(path, known).complaints
