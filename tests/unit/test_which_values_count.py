"""Which values of files and variables count as secret: never those whose absence would blind the screen."""

import pytest

from aigate.masking.sources import Place, texts
from aigate.masking.values import chosen

SECRET = [
    ("DB_PASSWORD", "hunter2hunter2"), ("API_KEY", "Kp9-zTw2Lm"), ("PGPASSWORD", "p4ssw0rd!x"),
    ("PASS", "P@ss{word}x9"),
    ("KIS_APP_SECRET_LIVE", "zQxWvBnMkLpT"), ("signingKey", "aBcDeFgHiJkL1"), ("db.password", "Tr0ub4dor&3"),
    ("//registry.example.org/:_authToken", "abcd1234efgh"), ("KEY", "a1b2-c3d4-e5f6"), ("ADMINTOKEN", "x7x8y9z0a1"),
    ("PASSWORD", "correct-horse-battery-staple"),
    ("ANYTHING", "q8Zr2Vx7Lp4Tn6Ws"), ("X", "4f9c2d71a0b8e6351f7d9a2c4e6b8d0f"),
    ("X", "123e4567-e89b-42d3-a456-426614174000"), ("TOKEN", "a\nq8Zr2Vx7Lp4Tn6Ws\n"),
]  # fmt: skip
ORDINARY = [
    ("APP_NAME", "shop"), ("HOST", "db-01.internal.example.org"), ("REGION", "eu-central-1"), ("A_KEY", "us-east-1"),
    ("PGHOST", "ep-cool-darkness-123456.us-east-2.aws.neon.tech"), ("API_AUTH", "127.0.0.1:8080"),
    ("RDS", "mydb.c9akciq32abc.us-east-1.rds.amazonaws.com"), ("AUTH_HOST", "localhost:3000"), ("TZ", "Europe/Berlin"),
    ("URL", "https://example.org/a1b2c3d4e5"), ("DATE", "2026-03-14T10:00:00"), ("KEY", "v1.2.3-rc"),
    ("GIT_COMMIT", "4f9c2d71a0b8e6351f7d9a2c4e6b8d0f11223344"), ("NEXT_PUBLIC_ANON_KEY", "q8Zr2Vx7Lp4Tn6Ws"),
    ("SSH_AUTH_SOCK", "/tmp/ssh-Xq8Zr2Vx7/agent.1"), ("KEY_FILE", "~/keys/Key12.pem"), ("COLOR_KEY", "#ff00aa99"),
    ("GIT_AUTHOR_EMAIL", "jo.doe@example.org"), ("AUTH_MAIL", "jo.doe@example.org"), ("TOKENIZER", "bert-base-uncased"),
    ("MONKEY", "banana12banana"),
    ("SECRET", "short1"), ("TOKEN", "12345678"), ("AUTH", "required"), ("PASSWORD", "aaaaaaaa1"),
    ("PASSWORD", "Development"), ("KEY", "a\nb\nshort9"),
]  # fmt: skip
HOSTILE = [
    ("X_TOKEN", "console.log("), ("X_KEY", "std::endl;"), ("X_SECRET", "getElementById"), ("X_TOKEN", "return self.x1"),
    ("X_KEY", "node_modules/"), ("X_TOKEN", "package.json"), ("X_TOKEN", "README.md"), ("X_KEY", "</div></div>"),
    ("X_SECRET", "----------"), ("X_SECRET", "\x1b[31m\x1b[0m1a"), ("X_TOKEN", "://://abc1"),
    ("X_KEY", "\ud800abcdefg1"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), SECRET)
def test_these_count(name: str, value: str) -> None:
    assert len(chosen([(name, value)])) == 1


@pytest.mark.parametrize(("name", "value"), ORDINARY + HOSTILE)
def test_these_do_not(name: str, value: str) -> None:
    assert chosen([(name, value)]) == ()


def test_of_an_address_the_password_counts() -> None:
    found = chosen([("DATABASE_URL", "postgres://shop:s3cr3t%21Pw@db.example.org:5432/shop")])
    assert [value.text for value in found] == ["s3cr3t%21Pw", "s3cr3t!Pw"]


def test_what_everybody_sees_does_not_count(tmp_path) -> None:
    project = tmp_path / "my-Project-2x"
    (project / ".git").mkdir(parents=True)
    (project / "Readme9x7y.md").write_text("")
    (project / ".git/index").write_bytes(b"DIRC\0\0src/q8Zr2Vx7Lp4Tn6Ws.test.ts\0\0")
    pairs = [("A_SECRET", "Project-2x"), ("B_KEY", "Readme9x7y"), ("C", "q8Zr2Vx7Lp4Tn6Ws"), ("D_TOKEN", "jo7h4xx0r")]
    pairs.append(("E_TOKEN", "Kp9-zTw2Lm"))
    found = texts(pairs, (), Place(str(project), "/home/jo7h4xx0r", {}))
    assert [value.text for value in found] == ["Kp9-zTw2Lm"]
