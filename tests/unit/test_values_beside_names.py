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
http -a user:@@ GET host
az login -u app -p @@
ldapsearch -D cn=x -w @@
smbclient //host/share -U user%@@
redis-cli --pass @@ ping
echo '@@' | docker login -u x --password-stdin registry
echo @@ | sudo -S ls
const apiKey: string = "@@";
let token: &str = "@@";
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
