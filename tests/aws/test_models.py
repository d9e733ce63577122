"""The service models as we read them: all that botocore reads, but its prose."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session

from mvm_tui.aws.artifacts import bucket_region
from mvm_tui.aws.models import LeanModels
from mvm_tui.aws.session import Connection, Target
from mvm_tui.local.launch import start
from mvm_tui.model.clock import SystemClock

SERVICES = ("lambda-microvms", "lambda-core", "logs", "sts", "service-quotas", "pricing", "s3", "iam")


def without_documentation(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: "" if key == "documentation" and isinstance(member, str) else without_documentation(member)
            for key, member in value.items()
        }
    return [without_documentation(member) for member in value] if isinstance(value, list) else value


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1"])
def test_a_model_is_botocores_without_its_prose(service: str, kind: str) -> None:
    whole = Loader().load_service_model(service, kind)
    loader: Any = Loader()
    loader.file_loader = LeanModels()
    lean = loader.load_service_model(service, kind)
    assert lean == without_documentation(whole)
    assert len(json.dumps(lean)) < len(json.dumps(whole))
    assert list(lean) == list(without_documentation(whole)), "in the same order"


def test_a_member_called_documentation_stays(tmp_path: Path) -> None:
    shape = {"members": {"documentation": {"shape": "Text", "documentation": "What it does."}}}
    (tmp_path / "model.json").write_text(json.dumps(shape))
    lean = LeanModels().load_file(str(tmp_path / "model"))
    assert lean == {"members": {"documentation": {"shape": "Text", "documentation": ""}}}


def test_files_are_found_as_botocore_finds_them(tmp_path: Path) -> None:
    (tmp_path / "packed.json.gz").write_bytes(gzip.compress(b'{"a": 1}'))
    for loader in (LeanModels(), JSONFileLoader()):
        assert loader.exists(str(tmp_path / "packed"))
        assert not loader.exists(str(tmp_path / "none"))
        assert loader.load_file(str(tmp_path / "packed")) == {"a": 1}
        assert loader.load_file(str(tmp_path / "none")) is None


def test_clients_of_it_have_all_their_operations() -> None:
    session = Session()
    session.get_component("data_loader").file_loader = LeanModels()
    client: Any = session.create_client("lambda-microvms", region_name="us-east-1")
    assert client.meta.service_model.operation_names == sorted(client.meta.service_model.operation_names)
    assert hasattr(client.exceptions, "ThrottlingException")
    assert client.run_microvm.__name__ == "run_microvm"


def test_a_bucket_is_found_by_its_rules() -> None:
    """The endpoint rules of S3 are read as a whole, their prose included."""
    with start(seed="empty") as cloud:
        facts = cloud.facts
        target = Target(None, facts.region, facts.endpoint, facts.access_key, facts.secret_key)
        connection = Connection.open(target, SystemClock())
        assert bucket_region(connection, "there-is-no-such-bucket") is None
