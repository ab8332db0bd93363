"""What stands beside a name that says secret is hidden, however it is written; code that looks so is left alone."""

from __future__ import annotations

import pytest

from aigate import Masker
from aigate.masking.rules import preset_rules

MASKER = Masker(preset_rules("all"))
VALUE = "Tr0ub4dor_9xKq"
WRITTEN = """
{"value":"@@","type":"password"}
{"name": "DB_PASSWORD", "value": "@@"}
<Password Value="@@"/>
SET PASSWORD FOR 'root'@'localhost' = PASSWORD('@@');
curl -sSu user:@@ https://host/
curl -U proxy:@@ https://host/
curl -u :@@ https://host/
curl --user  'user:@@' https://host/
curl --user user:'@@' https://host/
curl -H 'Authorization: Api-Token bX3d6sprla5@@'
curl -H 'Authorization:  bX3d6sprla5bX3d6sprla5@@'
http -a user:@@ GET host
az login -u app -p @@
ldapsearch -D cn=x -w @@
smbclient //host/share -U user%@@
redis-cli --pass @@ ping
curl --oauth2-bearer "@@" https://host/
echo '@@' | docker login -u x --password-stdin registry
echo @@ | sudo -S ls
const apiKey: string = "@@";
let token: &str = "@@";
var dbPassword string = "@@"
$password .= "@@";
DB_PASSWORD ?= @@
DB_PASSWORD ::= @@
TOKEN += "@@"
password[] = "@@"
private_key 'bX3d6sprla5@@';
The default password is "@@".
new NetworkCredential("app", "@@")
New-Object DirectoryServices.DirectoryEntry("LDAP://10.0.0.1", "app", "@@")
{"value": "token := `@@`"}
System.setProperty("DB_TOKEN", "bX3d6sprla5@@");
os.environ.setdefault('API_KEY', 'bX3d6sprla5@@')
TELEGRAM_TOKEN=91417776:A5t0mpqfcz@@
password: str | None = "@@"
~ secret_string = "before0ld-xyz" -> "@@"
dbSecretValue=@@
password%3D@@
&quot;password&quot;: &quot;@@&quot;
| DB_PASSWORD | @@ |
'Authorization' => 'token @'
Authorization: Token token="@@"
Authorization: ApiKey @@
headers.set('Authorization', 'Basic QWxhZGRpbjpvcGVuc2VzYW1l')
curl_easy_setopt(c, CURLOPT_USERPWD, "user:@@");
ConvertTo-SecureString -String "@@" -AsPlainText -Force
jdbc:oracle:thin:app/@@@//db:1521/x
Server=h;User Id=app;Password=ab1;Encrypt=true
""".strip().split("\n")
LEFT_ALONE = """
"NextToken": "CpHNsscimcV5oH7bSbub03CI2Qms5ypNpNm53MNlR0"
--starting-token Z3M3LMPEXAMPLE
"clientRequestToken": "1d2129a1-3d38-460a-9756-e5b91fddb951"
"ChangeToken": "abcd12f2-46da-4fdb-b8d5-fbd4c466928f"
publicKeyToken="1fc8b3b9a1e18e3b"
"ARN": "arn:aws:secretsmanager:us-west-2:123456789012:secret:MyDatabaseSecret-a1b2c3"
"encryptionKey": "arn:aws:kms:us-west-2:111122223333:key/a1b2c3d4-5678-90ab-cdef-0123456789ab"
token = 1*tchar
withXSRFToken: defaultToConfig2,
clientToken: String64;
export type MqttPassword = Buffer|Uint8Array|Blob|string;
const password = process.env.SESSION_PASSWORD!
credentials:e.credentials??"same-origin"
credentials:fe?T:void 0
e.TOKEN=e.HEX=e.URL_CHAR=e.MARK=void 0
t.tokenValue=o,134283267
o.credentials=e.crossOrigin==="use-credentials"
password:"[type=password]"
"Unexpected token: "+e.type+" ("
result_key: "PolicyToPathList"
Authorization: token required
password input value="text"
parser.add_argument("--token", "the token of the account")
(None, 'joe', 'password', 'proxy.example.com:3128')
getattr(settings, "password", "what-the-user-has-typed-in")
{"token", "access_token_for_the_request"},
var token string = settings.token
tokens += parsed.tokens
password ?= $(PASSWORD)
if token.count == 3:
SyntaxError: unexpected token '?.someThing';
the password is "too short"
Your password is 'expired'
NetworkCredential("app", password)
new NetworkCredential("app", "<password>")
seconds_token=12:30:00
Authorization: the header that holds a token
Authorization: negotiate-with-the-server-again
AWS4-HMAC-SHA256 Authorization: SignedHeaders=host;range;x-amz-date
if (!options.newlineIsToken || !left.includes('\n1')) {
if (!token || next.token2 === 'x1') {
echo hello | sudo tee /etc/motd
docker run -u app -p 8080:80 image
""".strip().split("\n")


@pytest.mark.parametrize("written", WRITTEN)
def test_it_is_hidden(written: str) -> None:
    line = (
        written.replace("@", VALUE) if written.count("@") == 1 else written.replace("@", VALUE, written.count("@") - 1)
    )
    if "root'@" in written:
        line = written.replace("@@", VALUE, 1)
    masked = MASKER.mask(line.encode()).decode()
    assert "***" in masked
    assert VALUE[:6] not in masked
    assert VALUE[-6:] not in masked


@pytest.mark.parametrize("line", LEFT_ALONE)
def test_it_is_left_alone(line: str) -> None:
    assert MASKER.mask(line.encode()) == line.encode()


def test_of_a_string_with_a_sign_in_front_it_is_the_string() -> None:
    """As Objective-C and C# write them."""
    assert MASKER.mask(b'apiKey = @"Tr0ub4dor_9xKq";') == b'apiKey = @"***";'


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        (b"BUNDLE_GEMS__EXAMPLE__COM: app:Tr0ub4dor_9xKq", b"BUNDLE_GEMS__EXAMPLE__COM: app:***"),
        (b"BUNDLE_BUILD__NOKOGIRI: --with-xml=/opt/xml:1", None),
        (b"BUNDLE_MIRROR__ALL: https://gems.example.com/", None),
        (b"sonar.login=0123456789abcdef0123456789abcdef01234567", b"sonar.login=***"),
        (b"sonar.login=admin", None),
        (b"incoming+group-app-123-4g7vsuod6v1or0she6k111y0o-issue@x.org", b"incoming+group-app-123-***-issue@x.org"),
        (b"incoming+group-app-123-issue@x.org", None),
        (b"access_token=1308742762612587|rhoK1cbv0DOU_RTX_87O4MkX7AI", b"access_token=1308742762612587|***"),
        (b"images/2018-250-xoxo-indieweb-1.jpg", None),
        (b"- (id)hf_requiredCharacteristicTypesForDisplayMetadata;", None),
        (b"&hf_servingcellpriorityparametersdescription_h_prio", None),
        (b"TABLEAU_PAT=YMqNfVWiTSa0QgpoJ9GpCw==:0k23Z56789abcdefGhijklmnopqrstuv", b"TABLEAU_PAT=***"),
    ],
)
def test_shapes_that_other_scanners_tests_hold(line: bytes, masked: bytes | None) -> None:
    assert MASKER.mask(line) == (line if masked is None else masked)
