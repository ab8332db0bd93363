# ruff: noqa: E501, SIM905 - lists of words and lines as they are
"""Lines in which a name says that a literal value is secret, drawn at random; and lines of code that only look so."""

from __future__ import annotations

import base64
import random
import string

NAMES = """
password passwd pwd DB_PASSWORD db.password MYSQL_ROOT_PASSWORD spring.datasource.password rootPassword user_pwd secret
client_secret clientSecret APP_SECRET KIS_APP_SECRET_LIVE django_secret_key SECRET_KEY token access_token accessToken
auth_token GITHUB_TOKEN refresh_token X-Auth-Token slack_bot_token api_key apiKey API-KEY x-api-key OPENWEATHER_API_KEY
apikey private_key signingKey signing_key DEPLOY_KEY encryption_key ENCRYPTION_KEY accountKey aws_secret_access_key
access_key storage_access_key credential credentials auth passphrase SSH_PASSPHRASE consumer_secret webhook_secret
JWT_SECRET session_secret master_key
""".split()
ALNUM = string.ascii_letters + string.digits
ODD = ALNUM + "!#%&*+-.:?@^_~/="
WORDS = "correct horse battery staple purple monkey rocket falcon winter summer dragon castle river mountain".split()
ANYWHERE = (
    "{n}={v}", "export {n}={v}", "{n}='{v}'", 'export {n}="{v}"', "{n}: {v}", '  {n}: "{v}"', "  {n}: '{v}'",
    '{n} = "{v}"', "{n} = '{v}'", '  "{n}": "{v}",', '{{"id": 7, "{n}":"{v}", "x": null}}', "'{n}': '{v}',",
    "'{n}' => '{v}',", "define('{n}', '{v}');", '{n} := "{v}"', "const {n} = '{v}';", 'self.{n} = "{v}"',
    'connect(host="h", {n}="{v}", port=1)', "--{n} {v}", "--{n}={v}", "tool login --{n} {v} --verbose", "-e {n}={v} image",
    "ENV {n} {v}", "ENV {n}={v}", "ARG {n}={v}", "-  {n}: {v}", "+{n}={v}", '-  "{n}": "{v}"',
    r'{{\"{n}\": \"{v}\"}}', r'"body": "{{\"{n}\":\"{v}\"}}"', "INFO login {n}={v} ok", "[debug] {n}: {v}",
    '<add key="{n}" value="{v}"/>', "set {n} = {v}", 'os.environ["{n}"] = "{v}"',
    '    ~ {n} = "before0ld" -> "{v}"', "$env:{n} = '{v}'", "| {n} | {v} |",
)  # fmt: skip
IDENTIFIER = (
    "<{n}>{v}</{n}>",
    "?a=1&{n}={v}",
    "https://api.example.org/v1?{n}={v}&page=2",
    "{n} = {v}",
    "setx {n} {v}",
)
COMMANDS = (
    "mysql -u root -p{v} shop", "sshpass -p {v} ssh host", "sshpass -p '{v}' ssh host", "curl -u deploy:{v} https://h/",
    "curl --user deploy:{v} https://h/", "machine git.example.org login deploy password {v}", "db.example.org:5432:shop:app:{v}",
    "CREATE USER app IDENTIFIED BY '{v}';", "ALTER ROLE app WITH PASSWORD '{v}';", '{{"type": "password", "value": "{v}"}}',
    "Server=h;Database=d;User Id=app;Password={v};Encrypt=true", "jdbc:sqlserver://h;user=app;password={v};encrypt=true",
    "docker login -u app -p {v} registry.example.org", "PGPASSWORD={v} psql -h h", "redis-cli -a {v} ping",
    "openssl enc -aes-256-cbc -pass pass:{v}", "echo {v} | docker login --password-stdin # {n}={v}",
)  # fmt: skip
ENCODED = (
    "Authorization: Basic {b}",
    '-H "Authorization: Basic {b}"',
    '"auth": "{b}"',
    "proxy-authorization: basic {b}",
)
CODE = r"""
password=None
token = jwt.encode(payload, key)
access_token: str
"jsonwebtoken": "^9.0.2"
github-token: ${{ secrets.GITHUB_TOKEN }}
csrf_token = get_token()
Password: su: Authentication failure
input_cost_per_token: 1.4e-06
this._authToken = data.accessToken
Bearer %s
https://user:password@example.org/
password = os.environ["DB_PASSWORD"]
password: ${DB_PASSWORD}
password: "{{ vault_password }}"
api_key=api_key,
token=self.token,
def login(self, password: str, token: Optional[str] = None) -> Token:
def set_password(password=DEFAULT):
if password == other.password:
secret_key = config.get("secret_key")
const apiKey = process.env.API_KEY;
const token = await fetchToken();
private String password;
password := flag.String("password", "", "the password")
token = token.strip()
max_tokens: 4096
"max_tokens": 1024,
"total_tokens": 53, "prompt_tokens": 12
num_tokens=128
tokenizer = AutoTokenizer.from_pretrained(name)
"tokenizers>=0.20"
token_type_ids: None
next_token = ""
password: <your password>
API_KEY=<api-key>
API_KEY=YOUR_API_KEY
SECRET_KEY = "change-me"
password: "********"
Password:
Enter password:
Enter passphrase for key '/home/x/.ssh/id_ed25519':
secret: true
secrets: inherit
auth: false
auth: none
token: null
"password": null,
password = '%s'
"token": token
tokens = line.split()
for token in tokens:
token.type == tokenize.NAME
case Token.STRING: return parse(token);
passwd: files systemd
pwd = os.getcwd()
PWD=/home/x/project
OLDPWD=/home/x
pwd: /home/x
author: Jane Doe
author = "x"
authors = ["x"]
authority: example.org
authenticated: yes
credentials: include
credentials: "same-origin"
access_key: Option<String>,
pub token: String,
let token = self.next_token();
key: value
keyboard = "us"
monkey: banana
primary_key=True
PRIMARY KEY (id)
foreign_key: user_id
public_key: abc
key_type: rsa
"keywords": "auth, token",
--password-stdin
--token-file /run/token
password_file: /run/secrets/db
secret_name = "db-credentials"
secretRef: db-credentials
secretName: my-tls
secretKeyRef: {name: db, key: password}
token_url: https://example.org/oauth/token
TOKEN_PATH=/var/run/token
passwordHash: string;
password_validators = [MinLength(8)]
PASSWORD_HASHERS = ["a.b.C"]
error: invalid token: unexpected end of input
SyntaxError: Unexpected token: punc (})
Unexpected token < in JSON at position 0
token: expected string, got None
Invalid password: too short
ERROR: password authentication failed for user "app"
auth: token expired
auth=(user, password)
auth=HTTPBasicAuth(user, password)
print(f"password: {password}")
echo "password: $PASSWORD"
echo "token=$TOKEN" >> "$GITHUB_OUTPUT"
TOKEN=$(cat token)
TOKEN=`cat token`
--token "$TOKEN"
password="$1"
"api_key": "env:API_KEY"
private_key: Ed25519PrivateKey
private_key = ec.generate_private_key(curve)
secret = hmac.new(key, message, sha256).hexdigest()
secret=secrets.token_hex(16)
<input type="password" name="password" placeholder="Password">
<label for="password">Password:</label>
"password": {"type": "string", "minLength": 8}
"token": {"$ref": "#/definitions/token"}
password: z.string().min(8)
password: Joi.string().required(),
apiKey: string;
apiKey?: string
@Value("${db.password}") private String password;
SELECT password FROM users WHERE token = ?
INSERT INTO tokens (token, secret) VALUES (?, ?)
password VARCHAR(255) NOT NULL
token: 12
token: 3.2.1
token = 0x1f
secret: 'production'
--- a/auth/token.py
auth/token.py:12: error: Name "token" is not defined
tests/test_token.py::test_token PASSED
token: Token,
api-key: required
pwd: password
credential: Credential | None = None
credential = DefaultAzureCredential()
credential_source: Environment
authorization: required
Authorization: Basic realm="x"
WWW-Authenticate: Basic realm="private"
"auth": "required"
auth: "basic"
keypress = lambda key: key
key="name"
sort_key = itemgetter(1)
cache_key: user:{id}
API_KEY_HEADER = "X-API-Key"
password1 = forms.CharField(widget=forms.PasswordInput)
raise ValueError("password: must be set")
help="password: the password"
:param password: the password to use
@param token the token to check
* token: The current token.
token - the token
# password: see the manual
""".strip("\n").split("\n")


def value(dice: random.Random) -> str:
    """Return something that a person or a program takes for a secret."""
    kind = dice.randrange(6)
    if kind == 0:
        return "".join(dice.choices(ALNUM, k=dice.randint(12, 40)))
    if kind == 1:
        return "".join(dice.choices("0123456789abcdef", k=dice.choice((32, 40, 64))))
    if kind == 2:
        return dice.choice(WORDS).capitalize() + str(dice.randint(10, 9999)) + dice.choice("!?#*")
    if kind == 3:
        return "-".join(dice.sample(WORDS, 3)) + str(dice.randint(1, 99))
    if kind == 4:
        return (
            dice.choice(string.ascii_letters)
            + "".join(dice.choices(ODD, k=dice.randint(10, 24)))
            + dice.choice("0123456789")
        )
    return base64.b64encode(dice.randbytes(dice.choice((24, 32)))).decode()


def plain(dice: random.Random) -> str:
    """Return such a value without marks that some forms give a meaning of their own."""
    return "".join(letter for letter in value(dice) if letter in ALNUM + "-_")


def lines(dice: random.Random) -> list[tuple[str, str, str]]:
    """Return (form, line, secret), some for each form and each name."""
    drawn = []
    for form in ANYWHERE:
        for name in dice.sample(NAMES, 12):
            secret = value(dice) if any(mark in form for mark in ("'{v}'", '"{v}"')) else plain(dice)
            drawn.append((form, form.format(n=name, v=secret), secret))
    simple = [name for name in NAMES if not set(name) & set(".-")]
    for form in IDENTIFIER:
        for name in dice.sample(simple, 12):
            secret = plain(dice)
            drawn.append((form, form.format(n=name, v=secret), secret))
    for form in COMMANDS:
        for name in dice.sample(simple, 6):
            secret = plain(dice)
            drawn.append((form, form.format(n=name, v=secret), secret))
    for form in ENCODED:
        for _ in range(6):
            secret = base64.b64encode(f"deploy:{plain(dice)}".encode()).decode()
            drawn.append((form, form.format(b=secret), secret))
    return drawn
