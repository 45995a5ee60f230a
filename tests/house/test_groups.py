"""The groups of tests name files that exist, and put together what shares a counterpart."""

from pathlib import Path

from tests import groups

ROOT = Path(__file__).parent.parent.parent


def test_every_name_is_there() -> None:
    assert [name for name in [*groups.SHARED, *groups.ALONE] if not (ROOT / name).exists()] == []


def test_a_file_is_a_group_unless_it_shares_one() -> None:
    assert groups.group("tests/flows/test_social.py::test_login[github::x]") == "tests/flows/test_social.py"
    assert groups.group("tests/connectors/ldap/test_openldap.py::test_a") == "directories"
    assert groups.group("tests/flows/test_directory_sign_in.py::test_b") == "directories"
    alone = "tests/house/test_contributing.py::test_it_works_where_it_is_applied[claim]"
    assert groups.group(alone) == alone
