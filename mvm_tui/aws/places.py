"""Where one can connect to: the profiles of the user's files, and the regions that have MicroVMs."""

from __future__ import annotations

# Regions with AWS Lambda MicroVMs (AWS "What's New", 22 June, 19 August and 22 October 2026). Others may
# follow, so this list offers and never refuses.
REGIONS = (
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "ap-east-1",
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-5",
    "ap-southeast-7",
    "eu-central-1",
    "eu-north-1",
    "eu-south-2",
    "eu-west-1",
)


def profile_names() -> list[str]:
    """The profiles of config and credentials files, as botocore finds them. Blocking; loads botocore.

    Raises:
        Problem: The files cannot be parsed.
    """
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    from mvm_tui.model.errors import NotSignedIn
    from mvm_tui.model.text import clean

    try:
        return sorted(Session().available_profiles)
    except BotoCoreError as error:
        raise NotSignedIn(
            "The AWS profiles cannot be read.",
            clean(error),
            "Mend the file that AWS_CONFIG_FILE names, or ~/.aws.",
        ) from None
