# Rules and known values, checked and given to the C++ that applies them. A part of _masker.pyx, which includes it.

cdef int _check_types(rule) except -1:
    for field, wanted in _FIELDS.items():
        value = getattr(rule, field)
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise _refused(rule, f"{field} must be {_KINDS[wanted]}, not {value!r}")
    if rule.below is not None and (not isinstance(rule.below, str) or not rule.below):
        raise _refused(rule, f"below must be an expression, not {rule.below!r}")
    if rule.below is not None and rule.armored:
        raise _refused(rule, "it can't be armored and have a line below")
    if rule.check not in _CHECKS:
        raise _refused(rule, f"there is no check {rule.check!r}")
    if rule.show_prefix < 0:
        raise _refused(rule, f"show_prefix must not be negative, it is {rule.show_prefix}")
    return 0


cdef dict _FIELDS = {
    "name": str, "regex": str, "show_prefix": int, "case_insensitive": bool, "token": bool, "armored": bool}
cdef dict _CHECKS = {None: 0, "placeholder": 1, "literal": 2, "random": 3, "apart": 4}
cdef dict _KINDS = {str: "text", int: "a whole number", bool: "true or false"}


cdef int _add(RuleSet& compiled, rule) except -1:
    cdef CppRule* added = new CppRule(
        _encoded(rule, rule.regex), min(rule.show_prefix, 1 << 62), rule.case_insensitive, rule.token, rule.armored,
        <Check> <int> _CHECKS[rule.check], b"" if rule.below is None else _encoded(rule, rule.below))
    cdef unique_ptr[CppRule] owner = unique_ptr[CppRule](added)
    if rule.source == BUILT_IN:  # the tests have tried those; a rule that slips through raises when it is used
        compiled.trust(owner.release())
        return 0
    _check_pattern(rule, added.pattern, rule.regex)
    if added.below.get() != NULL:
        _check_pattern(rule, at(added.below), rule.below)
    cdef Verdict verdict = compiled.add(owner.release())
    if verdict == Verdict.MatchesNothing:
        raise _refused(rule, f"the pattern {rule.regex!r} can match the empty string")
    if verdict == Verdict.BeginsWithNoWord:
        raise _refused(rule, f"a token begins with a letter, a digit or _, {rule.regex!r} may not")
    return 0


cdef int _check_pattern(rule, const CppPattern& pattern, regex) except -1:
    cdef long position = -1
    reason = pattern.refusal(&position).decode("utf-8", "backslashreplace")
    if reason:
        where = f" at byte {position}" if position >= 0 else ""
        raise _refused(rule, f"{reason}{where} of the pattern {regex!r}")
    if _groups_named_secret(regex) > 1:  # RE2 takes that, and knows the first one alone by its name
        raise _refused(rule, f"the pattern {regex!r} has more than one group named secret: only one is hidden")
    if not rule.armored and only_across_lines(_encoded(rule, regex), rule.case_insensitive):
        raise _refused(rule, f"the pattern {regex!r} can only match across lines, and each line is matched by itself")
    return 0


cdef int _groups_named_secret(regex):
    cdef int count = 0
    for opening in ("(?P<secret>", "(?<secret>"):
        for before in regex.split(opening)[:-1]:
            count += (len(before) - len(before.rstrip("\\"))) % 2 == 0
    return count


cdef bint _know(RuleSet& compiled, values) except -1:
    """Hide values as well. Returns whether there are any."""
    cdef vector[string] known
    if isinstance(values, (str, bytes)):
        raise TypeError("values must be several texts, not one")
    for number, value in enumerate(values):
        known.push_back(_value(value, number))
    compiled.know(known)
    return not known.empty()


cdef bytes _value(value, number):
    """Return a value's bytes. It is never told, for it is secret."""
    if not isinstance(value, (str, bytes)):
        raise TypeError(f"value {number} must be text or bytes, it is {type(value).__name__}")
    cdef bytes raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    if not SHORTEST <= len(raw) <= LONGEST:
        raise RuleError(f"value {number} has {len(raw)} bytes: it must have from {SHORTEST} to {LONGEST}")
    if b"\n" in raw or b"\r" in raw:
        raise RuleError(f"value {number} holds a line end, and each line is matched by itself",
                        hint="give its lines one by one")
    return raw


cdef bytes _encoded(rule, text):
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise _refused(rule, "the pattern is not valid Unicode") from None


cdef object _refused(rule, reason):
    where = f"{rule.source}: " if rule.source else ""
    return RuleError(f"{where}masking rule {rule.name!r}: {reason}")
