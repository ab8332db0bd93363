"""Values beside names in commands, dumps, sentences and languages: the value is hidden, the rest stays."""

from __future__ import annotations

import pytest

from aigate import Masker
from aigate.masking.rules import preset_rules

MASKER = Masker(preset_rules("all"))
VALUE = "Tr0ub4dor_9xKq"
# `@@` is the value. What stands around it must stay.
WRITTEN = r"""
::add-mask::@@
os.environ.get("X_TOKEN", "@@")
const password = process.env.DB_PASSWORD || "@@";
SECRET_KEY = ENV["SECRET_KEY"] || '@@'
db_pass is @@
ldap_pw=@@
bindpw @@
rootpw @@
EXEC sp_addlogin 'app', '@@', 'master'
ALTER ROLE app WITH LOGIN PASSWORD '@@'
username admin privilege 15 secret @@
snmp-server community @@ RW
smtp_sasl_password_maps = static:mailer:@@
[smtp.example.com]:587 mailer@example.com:@@
define('AUTH_KEY', 'bX3d6sprla5@@');
set -gx DATABASE_PASSWORD @@
Set-Item -Path Env:DB_PASSWORD -Value '@@'
[Environment]::SetEnvironmentVariable("DB_PASSWORD", "@@", "User")
os.environ.setdefault("DB_PASSWORD", "@@")
headers.append('X-Auth-Token', '@@');
password: Some("@@")
password = '''@@'''
password = b"@@"
password <- "@@"
$config{password} = "@@";
#define DB_PASSWORD "@@"
#define WIFI_PASS "@@"
(setq my-password "@@")
{:password "@@" :user "sa"}
auth=('user', '@@')
HTTPBasicAuth('user', '@@')
new PDO('mysql:host=h', 'root', '@@');
DriverManager.getConnection(url, "sa", "@@");
<property name="hibernate.connection.password">@@</property>
<wsse:Password Type="http://example.org/wss#PasswordText">@@</wsse:Password>
<entry key="password"><![CDATA[@@]]></entry>
<password><![CDATA[@@]]></password>
<add connectionString="Password=&quot;@@&quot;" />
CREATE USER app IDENTIFIED WITH mysql_native_password BY '@@';
CREATE LOGIN app WITH PASSWORD = N'@@', CHECK_POLICY = OFF;
ALTER USER app IDENTIFIED BY @@;
SET PASSWORD FOR 'app'@'localhost' = '@@';
Driver={SQL Server};Uid=u;Pwd={@@};Encrypt=yes;
sqlplus scott/@@@orcl
Cookie: a=b; sessionid=bX3d6sprla5@@; theme=dark
curl -b 'session=bX3d6sprla5@@' https://x
_auth=bX3d6sprla5@@
npmAuthIdent: "user:@@"
  password @@
requirepass @@
+ export 'PASSWORD=@@ w99'
+ sshpass '-p@@' ssh u@h
password: before0ld => @@
password: 'before0ld' → '@@'
openssl enc -aes-256-cbc -k @@ -in x
unzip -P @@ a.zip
7z x a.7z -p@@
net use \\h\s /user:u @@
aws configure set aws_secret_access_key bX3d6sprla5@@
gh secret set API_TOKEN --body "@@"
ParameterKey=DBPassword,ParameterValue=@@
- {name: DB_PASSWORD, value: @@}
Your password is: @@
A temporary password is generated for root@localhost: @@
The generated password for the elastic built-in superuser is : @@
Password set to @@
Using password '@@'
Your API key is bX3d6sprla5@@
| adminPass | @@ |
SMTP_PASS=@@
auth: { user: 'x@y.z', pass: '@@' }
ansible_become_pass: @@
wpa_psk=@@
git clone https://x-access-token:@@@github.com/o/r
rabbitmqctl add_user u @@
skopeo copy --src-creds=u:@@ docker://x
poetry config http-basic.x u @@
dotnet user-secrets set "Db:Password" "@@"
nuget push x.nupkg -ApiKey @@ -Source y
security unlock-keychain -p @@ build.keychain
ssh-keygen -t ed25519 -N '@@' -f x
mysql -uroot --password=@@
mariadb -u root -p'@@'
sqlcmd -S h -U sa -P '@@' -Q x
ipmitool -I lanplus -H h -U ADMIN -P @@ power
wpa_passphrase ssid @@
.dockerconfigjson: bX3d6sprla5bX3d6sprla5=
Unseal Key 1: bX3d6sprla5bX3d6sprla5=
""".strip("\n").split("\n")
LEFT_ALONE = r"""
let token = Token::Ident2;
    case token::kw_int128:
'password' => 'required|min:8|confirmed',
foreign_key: users_id_fk_1a2b3c
partition_key=2026-11-29T10-us-east-1
cache_key: v1-deps-8f14e45fceea167a5a36dedd4bea2543
PASS: test-foo1.sh
PASS src/components/Login1.test.tsx
pass: 12 fail: 3
first_pass: 2nd-run
bypass=foo1234
render_pass = "shadow_pass1"
New password for user bob1:
Failed password for invalid user admin from 10.1.2.3 port 52144 ssh2
Your password is 12 days old
The password is at least 8 characters long.
password   required   pam_permit2.so
password sufficient pam_unix.so sha512 shadow nullok try_first_pass use_authtok
set token limit100
ENV PASSWORD_MIN_LENGTH 12
mysql -h db1 -P 3306 -u root
unzip -o file1.zip -d dir1
ssh -p 2222 user1@host1
#define PEM_STRING_SM2PRIVATEKEY "SM2 PRIVATE KEY"
<a name="token">Section 3.1.2</a>
<span class="token number">0x1F4</span>
the flaw is identified by CVE-2021-44228
password: (sensitive value)
password={user1.password}
https://example.org/?key=value&page=2
""".strip("\n").split("\n")


@pytest.mark.parametrize("written", WRITTEN)
def test_the_value_alone_is_hidden(written: str) -> None:
    for value in ("bX3d6sprla5@@", "@@ w99", "bX3d6sprla5bX3d6sprla5=", "@@"):
        if value in written:
            break
    masked = MASKER.mask(written.replace("@@", VALUE, 1).encode()).decode()
    assert masked == written.replace(value, "***", 1).replace("before0ld", "***")


@pytest.mark.parametrize("line", LEFT_ALONE)
def test_it_is_left_alone(line: str) -> None:
    assert MASKER.mask(line.encode()) == line.encode()
