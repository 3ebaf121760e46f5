"""What is started sees neither a real AWS account nor anything else that it need not."""

from pathlib import Path

import pytest

from local.environment import for_functions, for_ours, for_sam, reach_loopback_directly


@pytest.fixture(autouse=True)
def _real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("AWS_REGION", "ap-southeast-1")
    monkeypatch.setenv("SAM_CLI_TELEMETRY", "1")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("HOME", "/home/someone")


@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:4566"])
def test_no_environment_leads_to_the_real_aws(tmp_path: Path, endpoint: str | None) -> None:
    for env in (for_functions(tmp_path), for_sam(endpoint), for_ours(endpoint)):
        assert "AWS_PROFILE" not in env
        assert "AWS_SESSION_TOKEN" not in env
        assert env["AWS_ACCESS_KEY_ID"] == "test"
        assert env["AWS_REGION"] == env["AWS_DEFAULT_REGION"] == "us-east-1"
        assert env["AWS_CONFIG_FILE"] == env["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"
        assert env["AWS_EC2_METADATA_DISABLED"] == "true"
    for env in (for_sam(endpoint), for_ours(endpoint)):
        assert env["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")


def test_functions_get_little_of_ours(tmp_path: Path) -> None:
    env = for_functions(tmp_path)
    assert env["HOME"] == env["TMPDIR"] == str(tmp_path)
    assert not {"HTTPS_PROXY", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"} & env.keys()


def test_sam_is_quiet_and_reaches_the_internet_as_we_do() -> None:
    env = for_sam()
    assert env["SAM_CLI_TELEMETRY"] == "0"
    assert env["HTTPS_PROXY"] == "http://proxy:3128"
    assert "PYTHONPATH" not in env
    assert env["PATH"].split(":")[0].endswith("/.venv-cloud/bin")


def test_this_machine_is_reached_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "example.org")
    monkeypatch.setenv("no_proxy", "")
    reach_loopback_directly()
    assert for_ours()["NO_PROXY"] == "example.org,127.0.0.1,localhost"
    assert for_ours()["no_proxy"] == "127.0.0.1,localhost"
