"""The preset key_value: names that say secret, and literal values beside them. Owns the names and ways of writing.

What is a literal value, and not code, native/masker/literal.cpp says.
"""

from __future__ import annotations

from aigate.masking.presets.preset import QUOTE_IN_WORD, preset

_NAME = (
    r"(?:[A-Z0-9]_P(?:ASS|W)\b|[a-z0-9][_-]pw\b"
    r"|(?i:(?:password|passwd|passphrase|pwd|secret|token|credential|(?:api|private|access|secret|deploy|sign(?:ing)?"
    r"|encrypt(?:ion)?|master|account|storage|session|jwt|shared)[_-]?key|passcode|\bpsk|wpa[_-]psk"
    r"|(?:db|database|datasource|user|admin|root|sudo|become|login|ssh|ftp|smtp|imap|mail|mysql|pg|postgres|redis|mongo"
    r"|rabbit|rabbitmq|amqp|ldap|bind|proxy|http|basic|api|app|service|rpc|vnc|wifi|vpn|key|store|trust|cert|ssl"
    r"|elastic|enable|remote|repo|registry|git|my)[_-]?pass)"
    r"(?:s|[0-9]{1,2}|[_-]?(?:string|value)|[_-](?:key(?:[_-]base)?|live|prod"
    r"(?:uction)?|dev|test|staging|[0-9]{1,2}))?))"
)
# Names that say less: what they stand beside must be random.
_KEY = (
    r"(?:[_-](?:key|KEY)|[a-z]Key|(?:\b|_)(?:[Aa]uth|AUTH)|_SALT|[A-Z]_PAT"
    r"|(?i:(?:api|access|secret|license|encryption|signing) key))"
)
# Beside `=` and `:`, what make (`?=`, `::=`), PHP (`.=`) and shells (`+=`) assign with.
_IS = r"(?:\\*[\"'])?(?:\[?\])?[ \t]*(?:=>|:{0,3}=|[?.+|]{1,2}=|:)[ \t]*"
_ENTITY = "&(?:quot|apos|#3[49]);"
_VALUE = (
    r"(?:\\+[\"'][^\"'\\]*|\"(?:[^\"\\]|\\.)*|'[^']*(?:'(?:\\'|\"'\")'[^']*)*|\$'(?:[^'\\]|\\.)*"
    r"|`[^`\s]*|[^\s\"'`\\0-9]\S*|[0-9]+(?:[^\s\"'\\0-9.,;:)}\]]|:[A-Za-z0-9_-]{20})\S*)"
)
_SECRET = f"(?P<secret>{_VALUE})"
_REST = rf"(?:{QUOTE_IN_WORD}[^\s\"']*)*"
_ARGUMENTS = r"\s[^|;&]{0,120}?"
_OPEN = r"(?:\$'|[\"'])?"
_OPTIONS = r"\s(?:[^|;&]{0,120}?\s)?"  # what follows is a word of its own
_CURL = rf"curl{_OPTIONS}(?:-[A-Za-z]{{0,6}}[uU]|--(?:proxy-)?user)"
_WORD = r"[\"']?[^\s|\"'$-][^\s|\"'$]*"
_CDATA = r"(?:<!\[CDATA\[)?"
# What makes a value of a string in code.
_MADE = (
    r"(?:new[ \t]+)?(?:Some|Just|Ok|Secret(?:Str(?:ing)?)?(?:::"
    r"(?:new|from))?|Password|Redacted|Sensitive|SecureString|bytes"
    r"|(?:std::)?[Ss]tring(?:::from)?|Buffer\.from|(?:aws|pulumi)\.String|ptr\."
    r"(?:String|To)|(?:base64\.)?b64decode|atob)"
)
# Commands that give a name a value.
_SETS = (
    r"(?:ENV|ARG|setx|setenv|set(?:[ \t]+-[A-Za-z-]+)+|secrets?[ \t]+set|config(?:ure)?)"
    r"(?:[ \t]+(?:set|add|-[A-Za-z-]+))*[ \t]+[\"']?[A-Za-z0-9_.:/-]*?"
)
_TYPE = r"(?:std::)?(?:&(?:'static )?)?(?:[Ss]tring|str)(?: ?\| ?[A-Za-z]+)?"
# The value of a field that is quoted, and so may a name be.
_FIELD = r"\\*[\"'][^\"'\\]*"
_MARK = r"\\*[\"']"
# What a value was before.
_OLD = r"(?:\"[^\"]*\"|'[^']*'|[^\s\"')]+)"

# A name at the end of a line, and the line below with its value, in front of which a diff's mark or a log's may stand.
_LOGGED = r"[^\"'<>]{1,60}?[^ \t\"'<>-][ \t|>]+"
_FRONT = rf"(?:[+-]?[ \t]*|{_LOGGED})"
_PAIRED = (
    rf"(?:{_FRONT}(?:[\"']?(?:[A-Za-z]{{0,12}}[Vv]alue|VALUE|[Dd]efault)[\"']?[ \t]*[:=][ \t]*"
    rf"|<(?:[A-Za-z]{{0,12}}[Vv]alue|string)>){_SECRET}"
    rf"|(?:[+]?[ \t]*|{_LOGGED})[\"']?[A-Za-z_][A-Za-z0-9_.-]{{0,40}}[\"']?[ \t]*[:=][ \t]*[^\s{{\[])"
)
_PAIR_QUOTED = r"(?:[\"'`](?:/?>|,|[ \t]*[:=]?[ \t]*\{)?|</[A-Za-z:]{1,20}>)[ \t]*$"
_PAIR_PLAIN = r"(?:[Nn]ame|NAME|[Kk]ey|KEY):[ \t]+[A-Za-z0-9_./-]{0,60}?"
_LONE = r"(?P<secret>[^\s\"'`<>]+)"
BELOW = (
    (rf"{_NAME}{_PAIR_QUOTED}", "literal", _PAIRED),
    (rf"{_KEY}{_PAIR_QUOTED}", "random", _PAIRED),
    (rf"{_PAIR_PLAIN}{_NAME}[ \t]*$", "literal", _PAIRED),
    (rf"{_PAIR_PLAIN}{_KEY}[ \t]*$", "random", _PAIRED),
    # What went to the next line, as formatters of code do it (a bare `token:` ends too many lines of logs);
    # YAML's block of text; Jenkins' first password.
    (
        rf"{_NAME}(?:(?:\\*[\"'])?(?:\[?\])?[ \t]*(?:=>|:{{0,3}}=)|[\"']:)[ \t]*[(\\]?[ \t]*$",
        "literal",
        (
            rf"[+-]?[ \t]*(?:(?:[bBrRuU]{{1,2}}|@)?(?P<secret>{_FIELD}|[^\s\"'`<>]{{20,}})"
            rf"(?:{_MARK}[),;]{{0,3}})?[ \t]*)?$"
        ),
    ),
    (rf"{_NAME}[\"']?:[ \t]+[|>][0-9+-]{{0,2}}[ \t]*$", "literal", rf"{_FRONT}{_LONE}[ \t]*$"),
    (r"password to proceed to installation:[ \t]*$", "random", rf"[ \t]*(?:{_LONE}[ \t]*)?$"),
    # Text of an XML element, and options of a command as a list has them.
    (
        rf"{_NAME}(?:[ \t]+[A-Za-z:]+=[^<>]{{0,80}})?>[ \t]*$",
        "literal",
        rf"[+-]?[ \t]*{_CDATA}{_LONE}(?:\]\]>)?[ \t]*$",
    ),
    (
        rf"(?:[\"']|-[ \t][\"']?)--?[A-Za-z0-9_-]{{0,24}}?{_NAME}[\"']?,?[ \t]*$",
        "literal",
        r"[+-]?[ \t]*(?:-[ \t]+)?(?P<secret>[\"'][^\s\"'-][^\s\"']*|[^\s\"'`-]\S*)[\"']?,?[ \t]*$",
    ),
)

KEY_VALUE = preset(
    "key_value",
    "literal values beside names that say secret, in config files, code, commands and diffs",
    "shells, YAML, TOML, JSON, INI, XML, HTTP, SQL; netrc(5); the PostgreSQL and MySQL manuals; curl(1), sshpass(1)",
    "DB_PASSWORD=EXAMPLEexample0123456789",
    (rf"{_NAME}(?:{_IS}|>){_SECRET}", "literal"),
    (rf"{_NAME}{_IS}{_OLD}[ \t]*(?:[=-]>|→)[ \t]*{_SECRET}", "literal"),
    (rf"{_NAME}{_IS}(?:{_MADE}\([ \t]*[bu]?|@|[bBurLN]|rb|u8|'{{2}}|\"{{2}})(?P<secret>{_FIELD})", "literal"),
    (rf"{_NAME}(?:(?:{_ENTITY})?[ \t]*[=:][ \t]*{_ENTITY}|%3[DAda])(?P<secret>[^\s\"'&%]+)", "literal"),
    (rf"{_NAME}(?:\??:[ \t]*|[ \t]+){_TYPE}[ \t]*=[ \t]*(?P<secret>{_FIELD})", "literal"),
    (rf"{_NAME}{_MARK}[ \t]*,[ \t]*{_MARK}(?P<secret>[^\s\"'\\.:]{{12,}}){_MARK}", "random"),
    (
        (
            rf"[a-z]\([\"'](?:[A-Za-z0-9_][A-Za-z0-9_.:-]{{0,30}}?)?{_NAME}[\"'],[ \t]*(?P<secret>{_FIELD}){_MARK}"
            rf"(?:\)|,[ \t]*\"(?:User|Machine|Process))"
        ),
        "literal",
    ),
    (rf"{_NAME}[ \t]+(?P<secret>{_FIELD}){_MARK};", "random"),
    (rf"{_NAME}[ \t]+(?:is|was):?[ \t]+(?P<secret>{_FIELD}){_MARK}", "literal"),
    (r"NetworkCredential\([ \t]*\"[^\"]*\"[ \t]*,[ \t]*(?P<secret>\"[^\"]+)", "placeholder"),
    (r"DirectoryEntry\([ \t]*(?:\"[^\"]*\"[ \t]*,[ \t]*){2}(?P<secret>\"[^\"]+)", "placeholder"),
    (rf"[Vv]alue{_MARK}[ \t]*[=:][ \t]*(?P<secret>{_FIELD}){_MARK}[^<>{{}}]{{0,40}}?{_NAME}{_MARK}", "literal"),
    (rf"{_NAME}{_MARK}[^<>{{}}]{{0,40}}?[Vv]alue(?:{_MARK})?\s*[=:]\s*(?P<secret>{_FIELD})", "literal"),
    (rf"{_NAME}[ \t]+[Vv]alue=(?P<secret>{_FIELD})", "literal"),
    (rf"{_KEY}{_IS}{_SECRET}", "random"),
    (rf"--(?:[A-Za-z0-9_][A-Za-z0-9_-]{{0,23}}?)?{_NAME}[ \t]+{_SECRET}", "literal"),
    (rf"define\([ \t]*[\"'][A-Za-z0-9_.]*?{_NAME}[\"'][ \t]*,[ \t]*{_SECRET}", "literal"),
    (rf"define\([ \t]*[\"'][A-Za-z0-9_.]*?(?:[Aa]uth|_(?:KEY|SALT))[\"'][ \t]*,[ \t]*{_SECRET}", "random"),
    (rf"\b[Aa]uth{_MARK}[^<>{{}}]{{0,40}}?[Vv]alue(?:{_MARK})?\s*[=:]\s*(?P<secret>{_FIELD})", "random"),
    (rf"{_SETS}{_NAME}[\"']?[ \t]+{_SECRET}", "literal"),
    (rf"{_NAME}[\"']?[ \t](?:[^|;&]{{0,60}}?[ \t])?(?:--(?:body|value)|-Value)[ \t=]+{_SECRET}", "literal"),
    (
        rf"-(?:[Pp]assword|[Tt]oken|[Aa]pi[Kk]ey|Secret|passphrase|storepass|keypass)[ \t]+{_SECRET}",
        "literal",
    ),
    (rf"sshpass[ \t]+{_OPEN}-p[ \t]*{_SECRET}", "placeholder"),
    (
        rf"(?:mysql|mariadb)[a-z-]*{_OPTIONS}{_OPEN}-p(?P<secret>(?:[\"'][^\"'\s]+|[^\s\"'-][^\s\"']+){_REST})",
        "literal",
    ),
    (
        (
            rf"(?:{_CURL}|https?{_OPTIONS}(?:-a|--auth))[ =]{{0,3}}{_OPEN}[^\s:\"'$]*[\"']?:[\"']?"
            rf"(?P<secret>[^\s\"']+{_REST})"
        ),
        "placeholder",
    ),
    (rf"--oauth2-bearer[ \t=]+{_SECRET}", "placeholder"),
    (rf"redis-cli{_OPTIONS}(?:-a|--pass)[ \t]+{_SECRET}", "placeholder"),
    (rf"docker[ \t]+login{_ARGUMENTS}-p[ \t]+{_SECRET}", "placeholder"),
    (rf"-[uU][ \t]*[^\s-]\S*[ \t]+-[pP][ \t]*(?P<secret>[\"']?[^\s0-9\"'-][^\s\"']*{_REST})", "literal"),
    (rf"ldap[a-z]{{3,6}}{_ARGUMENTS}-w[ \t]+{_SECRET}", "placeholder"),
    (rf"(?:smbclient|smbget|rpcclient){_ARGUMENTS}-U[ \t]*[^\s%]+%(?P<secret>\S+)", "placeholder"),
    (rf"{_NAME}`?[ \t]+(?:\||│|┃)[ \t]+`?{_SECRET}", "literal"),
    (
        (
            r"[A-Z0-9]_(?:PASS(?:WORD|WD|PHRASE)?|PWD|PW|SECRET|TOKEN|CREDENTIALS?)(?: {2,}|[ \t]*\t[ \t]*)"
            r"(?P<secret>[^\s\"']{8,})"
        ),
        "literal",
    ),
    (rf"{_NAME}</[A-Za-z:]{{1,20}}>[ \t]*<(?:[A-Za-z]{{0,12}}[Vv]alue|string)>(?P<secret>[^\s<]+)", "literal"),
    (
        rf"{_NAME}{_MARK}[ \t]*[:=][ \t]*\{{[^<>{{}}]{{0,80}}?[Vv]alue{_MARK}[ \t]*[:=][ \t]*(?P<secret>{_FIELD})",
        "literal",
    ),
    # What stands in for a variable that is not set.
    (rf"{_NAME}(?:[\"']?[\])])?[ \t]*(?:\|\||\?\?|\bor\b)[ \t]*(?P<secret>{_FIELD}){_MARK}", "literal"),
    (
        (
            rf"echo[ \t]+(?:-n[ \t]+)?(?P<secret>{_WORD})"
            rf"[\"']?[ \t]*\|[^|]{{0,80}}?(?:-stdin\b|sudo -S|--passphrase-fd|cryptsetup|kinit)"
        ),
        "placeholder",
    ),
    (r"\blogin[ \t]+\S+[ \t]+password[ \t]+(?P<secret>\S+)", "placeholder"),
    (
        (
            r"(?i)(?:identified[ \t]+(?:with[ \t]+[a-z0-9_\"'`]+[ \t]+)?(?:by|as)|password|set password(?: for \S+)? =)"
            r"[ \t]+N?"
            r"(?P<secret>'[^']+)"
        ),
        "literal",
    ),
    (r"(?i)identified[ \t]+by[ \t]+(?P<secret>\"[^\"]+|[^\s\"'(;]+)[\";]", "literal"),
    (
        (
            r"(?i)(?:create|alter|grant|set)[ \t]+(?:user|role|login|database scoped credential|all|password)\b"
            r"[^;]{0,160}?"
            r"(?:identified[ \t]+(?:with[ \t]+\S+[ \t]+)?by|password|secret)[ \t]*=?[ \t]*N?(?P<secret>'[^']+)"
        ),
        "placeholder",
    ),
    (
        (
            r"sp_(?:addlogin|password|addlinkedsrvlogin)[ \t]+[^;]{0,120}?,[ \t]*(?:@[a-z]+[ \t]*=[ \t]*)?N?"
            r"(?P<secret>'[^']+)'"
        ),
        "placeholder",
    ),
    (r"\b(?:bind_?pw|root_?pw|olcRootPW):?[ \t]+(?P<secret>[^\s{\"']\S+)", "placeholder"),
    (r"\bSECRET[ \t]+(?P<secret>'[^']+)", "random"),
    (r";[ \t]*(?i:pwd|password)=\{(?P<secret>[^{}\s]+)\}", "literal"),
    (r"(?:PASSWORD|password)\((?P<secret>'[^']+)", "literal"),
    (rf"CURLOPT_(?:XOAUTH2_BEARER|(?:PROXY)?(?:PASSWORD|USERPWD))[ \t]*,[ \t]*{_SECRET}", "placeholder"),
    (rf"ConvertTo-SecureString[ \t]+(?:-(?:String|AsPlainText|Force)[ \t]+)*{_SECRET}", "placeholder"),
    (r"-pass(?:in|out)?[ \t]+pass:(?P<secret>\S+)", "placeholder"),
    (r":(?:5432|5433|6432|6543|\*):[A-Za-z0-9_*.-]+:[A-Za-z0-9_.@-]+:(?P<secret>[^\s:]+)$", "literal"),
    # XML: a name in an attribute, an element with attributes, and a property list.
    (
        (
            rf"(?:[Nn]ame|[Kk]ey|[Ii]d)=[\"'][^\"'<>]{{0,80}}?{_NAME}[\"'][^<>]{{0,80}}>{_CDATA}(?P<secret>[^\s<\]]+)"
            rf"(?:\]\]>)?</"
        ),
        "literal",
    ),
    (rf"{_NAME}[ \t]+[A-Za-z:]+=[\"'][^<>]{{0,200}}>{_CDATA}(?P<secret>[^\s<\]]+)(?:\]\]>)?</", "literal"),
    (rf"{_NAME}[\"']?[ \t]*,[ \t]*[\"']?[A-Za-z]{{0,12}}[Vv]alue[\"']?[ \t]*[=:][ \t]*{_SECRET}", "literal"),
    # An assignment in quotes, with blanks in the value.
    (rf"{_NAME}=(?P<secret>[^\s\"'=]+[ \t][^\"'=]+)[\"'][ \t]*$", "literal"),
    (
        (
            rf"(?:\bpass(?:[\"']?[ \t]*(?:=>|:)|\[[0-9]*\][ \t]*=)|(?:\$|char \*?|[Ss]tring )pass[ \t]*=)"
            rf"[ \t]*(?P<secret>{_FIELD}){_MARK}"
        ),
        "literal",
    ),
    # Languages: R, Perl, C, Lisp; then calls that take a user and a password.
    (rf"{_NAME}[ \t]*<<?-[ \t]*(?P<secret>{_FIELD})", "literal"),
    (rf"{_NAME}[\"']?\}}[ \t]*=[ \t]*(?P<secret>{_FIELD})", "literal"),
    (rf"#[ \t]*define[ \t]+[A-Za-z0-9_]*?{_NAME}[ \t]+(?P<secret>\"[^\"\s]+)", "literal"),
    (rf"(?:\((?:set[qf]|def)[ \t]|\{{:)[A-Za-z0-9/_-]{{0,24}}?{_NAME}[ \t]+(?P<secret>\"[^\"\s]+)", "literal"),
    (
        (
            rf"(?:\bauth[ \t]*=[ \t]*|[Bb]asic_?[Aa]uth|\.(?:auth|login))\([ \t]*{_FIELD}{_MARK}[ \t]*,"
            rf"[ \t]*(?:Some\()?(?P<secret>{_FIELD}){_MARK}"
        ),
        "literal",
    ),
    (
        (
            rf"(?:(?:mysqli?|pg)_connect|new[ \t]+(?:PDO|mysqli)|getConnection)\([^,()]{{1,120}},[ \t]*(?:{_FIELD}"
            rf"{_MARK}|[$A-Za-z_.]+)[ \t]*,[ \t]*"
            rf"(?P<secret>{_FIELD})"
        ),
        "literal",
    ),
    # Lines and sentences of a name, and a value at their end.
    (
        (
            r"(?:\b(?:password|passwd|passphrase|requirepass|masterauth|wpa-psk)|^secret)[ \t]+"
            r"(?P<secret>[^\s\"']+)[ \t]*$"
        ),
        "literal",
    ),
    (r"\b(?:password|secret)[ \t]+[0-9]{1,2}[ \t]+(?P<secret>[^\s\"']+)[ \t]*$", "literal"),
    # Routers' and mail servers' configs.
    (r"\busername[ \t]+\S+[ \t]+(?:\S+[ \t]+){0,4}?(?:password|secret)[ \t]+(?P<secret>[^\s\"']+)[ \t]*$", "literal"),
    (r"snmp\S*[ \t]+(?:\S+[ \t]+){0,4}?community[ \t]+(?P<secret>[^\s\"']+)", "literal"),
    (r"(?:\]:[0-9]{2,5}[ \t]+|static:)[A-Za-z0-9_.@+-]{1,64}:(?P<secret>[^\s:\"']+)$", "literal"),
    (
        (
            r"(?i)(?:password(?: for [a-z]+)?|[a-z0-9]_(?:pass(?:wd)?|pwd?|token|secret|key))"
            r"[ \t]+(?:is|was)[ \t]*(?:now[ \t]+)?:?[ \t]+(?P<secret>[^\s\"'`]+)$"
        ),
        "literal",
    ),
    (
        (
            r"(?i)\b(?:generated|temporary|initial)[^:=]{0,60}password\b[^:=]{0,60}:[ \t]+"
            r"(?P<secret>[^\s\"'`]+)$"
        ),
        "literal",
    ),
    (r"^(?:Changed password|PASSWORD)[^:=]{0,40}[ \t]=[ \t](?P<secret>\S+)$", "literal"),
    (
        rf"(?i)(?:password|passphrase)(?:-value)?[ \t]+(?:set[ \t]+)?(?:to:?[ \t]+)?(?P<secret>{_FIELD}){_MARK}",
        "literal",
    ),
    (r"(?i)\bpassword[ \t]+(?:re)?set[ \t]+to:?[ \t]+(?P<secret>[^\s\"'`]+)$", "literal"),
    (
        (
            r"(?i)(?:(?:token|api key|secret key|access key)[ \t]+(?:is|was)|(?:created|generated) (?:token|key))[ \t]+"
            r"(?P<secret>[a-z0-9_.-]{20,})\b"
        ),
        "random",
    ),
    (r"::add-mask::(?P<secret>\S+)", "placeholder"),
    (
        (
            r"(?i)(?:\bcookie[\"']?:|\bcurl\b.{0,120}[ \t]-b)[ \t]*[\"']?(?:[^;=\s]+=[^;\s]*;"
            r"[ \t]*){0,20}?[^;=\s]*(?:sess|sid)[^;=\s]*="
            r"(?P<secret>[^;\s\"']{16,})"
        ),
        "random",
    ),
    (r"npmAuthIdent[\"']?[ \t]*:[ \t]*[\"']?[^\s:\"']+:(?P<secret>[^\s\"']+)", "placeholder"),
    # Commands.
    (r"rabbitmqctl[ \t]+(?:add_user|change_password|authenticate_user)[ \t]+\S+[ \t]+(?P<secret>\S+)", "placeholder"),
    (r"--(?:src-|dest-)?creds[ =][^\s:]+:(?P<secret>[^\s\"']+)", "placeholder"),
    (rf"poetry[ \t]+config[ \t]+(?:pypi-token\.\S+|http-basic\.\S+[ \t]+\S+)[ \t]+{_SECRET}", "placeholder"),
    (r"bundle[ \t]+config[ \t][^|;&]{0,80}?[A-Za-z0-9_.-]+:(?P<secret>[^\s/\"']\S*)", "literal"),
    (rf"nuget[ \t]+push{_OPTIONS}-k[ \t]+{_SECRET}", "placeholder"),
    (rf"security[ \t]+(?:(?:unlock|create)-keychain|import){_OPTIONS}-[pP][ \t]+{_SECRET}", "placeholder"),
    (rf"security[ \t]+set-key-partition-list{_OPTIONS}-k[ \t]+{_SECRET}", "placeholder"),
    (rf"signtool[ \t]+sign{_OPTIONS}/p[ \t]+{_SECRET}", "placeholder"),
    (rf"ssh-keygen{_OPTIONS}-[NP][ \t]*{_SECRET}", "placeholder"),
    (r"openssl[ \t]+passwd(?:[ \t]+-\S+)*[ \t]+(?P<secret>[^\s-]\S*)", "literal"),
    (r"--password-command[ \t=]+[\"']?echo[ \t]+(?P<secret>[^\s\"']+)", "placeholder"),
    (rf"\bsnmp[a-z]+{_OPTIONS}-A[ \t]+{_SECRET}", "placeholder"),
    (rf"\bsnmp[a-z]+{_OPTIONS}-X[ \t]+{_SECRET}", "placeholder"),
    (rf"wpa_passphrase[ \t]+[^\s=]+[ \t]+{_SECRET}", "placeholder"),
    (
        r"\b(?:sqlplus|sqlcl|sqlldr|rman|(?:exp|imp)dp)[ \t][^|;&]{0,60}?[A-Za-z0-9_\"]+/(?P<secret>[^\s@/\"']+)@",
        "placeholder",
    ),
    (rf"\b(?:un)?zip{_OPTIONS}-P[ \t]*{_SECRET}", "placeholder"),
    (r"\b(?:7z[ar]?|(?:un)?rar)[ \t]+[aelxt][ \t][^|;&]{0,120}?-h?p(?P<secret>[^\s\"'-]\S*)", "placeholder"),
    (rf"openssl[ \t]+(?:enc|aes|des){_ARGUMENTS}-[kK][ \t]+{_SECRET}", "placeholder"),
    (rf"net[ \t]+use{_ARGUMENTS}/user:\S+[ \t]+{_SECRET}", "placeholder"),
    (r"net[ \t]+use[ \t](?:[A-Za-z]:[ \t]+)?\\\\\S+[ \t]+(?P<secret>[^\s/]\S*)[ \t]+/user", "placeholder"),
    (r"net[ \t]+user[ \t]+\S+[ \t]+(?P<secret>[^\s/]\S*)[ \t]+/add", "placeholder"),
    (rf"cmdkey{_ARGUMENTS}/pass:{_SECRET}", "placeholder"),
    (rf"xfreerdp{_ARGUMENTS}/p:{_SECRET}", "placeholder"),
    (rf"lftp{_OPTIONS}-u[ \t]*[^\s,]+,(?P<secret>[^\s\"']+)", "placeholder"),
    (r"echo[ \t]+[\"']?[^\s:|\"']+:(?P<secret>[^\s\"'|]+)[\"']?[ \t]*\|[ \t]*(?:sudo[ \t]+)?chpasswd", "placeholder"),
    (r"htpasswd[ \t]+-[A-Za-z]*b[A-Za-z]*[ \t]+(?:\S+[ \t]+){1,2}(?P<secret>[^\s\"']+)", "placeholder"),
    (rf"nmcli{_ARGUMENTS}(?:password|psk)[ \t]+{_SECRET}", "placeholder"),
    (
        rf"\bmc[ \t]+(?:alias[ \t]+set|config[ \t]+host[ \t]+add)[ \t]+\S+[ \t]+\S+[ \t]+\S+[ \t]+{_SECRET}",
        "placeholder",
    ),
    below=BELOW,
)
