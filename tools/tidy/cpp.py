"""Enough of C++ to see what a file declares. It reads formatted code (clang-format runs beside it) and needs
no compiler, so that all files are read in a second or two."""

import dataclasses
import re

TOKEN = re.compile(
    r"""//(?:[^\n\\]|\\.|\\\n)*
      | /\*.*?\*/
      | (?<![0-9A-Za-z_])(?:u8|u|U|L)?R"(?P<delimiter>[^\s()\\]{0,16})\(.*?\)(?P=delimiter)"
      | "(?:\\.|[^"\\\n])*"
      | (?<![0-9A-Za-z_])(?:u8|u|U|L)?'(?:\\.|[^'\\\n])+'
    """, re.DOTALL | re.VERBOSE)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE | re.DOTALL)


def _blank_match(match: re.Match) -> str:
    text = match[0]
    if text[0] == "/":
        return re.sub(r"[^\n]", " ", text)
    return text[0] + re.sub(r"[^\n]", " ", text[1:-1]) + text[-1]


def blank(text: str) -> str:
    """Comments and the insides of strings and characters become spaces."""
    return TOKEN.sub(_blank_match, text)


@dataclasses.dataclass
class Function:
    name: str
    line: int
    lines: int


@dataclasses.dataclass
class Constructor:
    name: str
    line: int
    parameters: int


@dataclasses.dataclass
class Class:
    name: str
    line: int
    members: int = 0


@dataclasses.dataclass
class Variable:
    """A variable of static storage that its type does not make constant."""
    text: str
    line: int


@dataclasses.dataclass
class Outline:
    functions: list[Function] = dataclasses.field(default_factory=list)
    constructors: list[Constructor] = dataclasses.field(default_factory=list)
    classes: list[Class] = dataclasses.field(default_factory=list)
    mutable_statics: list[Variable] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class _Scope:
    kind: str  # namespace, class, enum, function, block, initializer
    start: int = 0  # of the statement that opened it
    parentheses: int = 0  # open when the scope began
    name: str = ""
    klass: Class | None = None


CLASS_HEAD = re.compile(r"(?:^|[>\s])(class|struct|union)\s+(?:\[\[.*?\]\]\s*|alignas\([^)]*\)\s*)*"
                        r"([A-Za-z_][\w:]*)?[^()=]*$", re.DOTALL)
NAMESPACE_HEAD = re.compile(r'^(?:inline\s+)?namespace\b|^extern\s*"')
FUNCTION_NAME = re.compile(r"((?:operator\s*(?:\(\)|[^\s\w(]+|\w[\w\s:*&]*))|~?[A-Za-z_]\w*)\s*$")
NOT_A_VARIABLE = re.compile(
    r"^(?:using|typedef|extern|friend|static_assert|class|struct|union|enum|namespace|concept|template|"
    r"requires|asm|return|public|private|protected|export|explicit|virtual|operator|~)\b|^~|^\[\[")
ACCESS = re.compile(r"^(?:public|private|protected)\s*$")


def _without_templates(text: str) -> str:
    text = re.sub(r"<<|>>=|<=>|->|<=|>=", "", text)
    before = None
    while before != text:
        before, text = text, re.sub(r"<[^<>]*>", "", text)
    return text


def _declarator(text: str) -> str:
    """The declaration without its attributes and initializer."""
    text = re.sub(r"\[\[.*?\]\]|\balignas\s*\([^()]*\)", " ", text, flags=re.DOTALL).strip()
    text = re.sub(r"\b(?:static|inline|mutable|thread_local|constinit|volatile)\b\s*", "", text)
    return re.split(r"[={]", _without_templates(text), maxsplit=1)[0].strip()


def _is_variable(text: str) -> bool:
    text = re.sub(r"^\[\[.*?\]\]\s*", "", text, flags=re.DOTALL)
    if NOT_A_VARIABLE.search(text) or "operator" in text:
        return False
    declarator = _declarator(text)
    return "(" not in declarator and len(re.findall(r"[A-Za-z_]\w*", declarator)) >= 2


def _is_constant(text: str) -> bool:
    declarator = _declarator(text)
    if re.search(r"\bconstexpr\b", text):
        return True
    if "*" in declarator:
        return re.search(r"\*\s*const\b", declarator) is not None
    return re.search(r"\bconst\b", declarator) is not None


def _top_level_parts(text: str) -> int:
    """How many comma-separated parts stand outside of all brackets."""
    text = _without_templates(text)
    depth, parts = 0, 1 if text.strip() else 0
    for character in text:
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            parts += 1
    return parts


def _parameters(head: str) -> tuple[str, str, str]:
    """The text before the first parameter list, inside it, and after it; empty when there is none."""
    head = re.sub(r"\boperator\s*\(\)", "operator_call", head)
    head = re.sub(r"\b(?:requires|explicit|noexcept|alignas|decltype)\s*\((?:[^()]|\([^()]*\))*\)",
                  lambda match: re.sub(r"[()]", "_", match[0]), head)
    open_at = head.find("(")
    if open_at < 0:
        return head, "", ""
    depth = 0
    for position in range(open_at, len(head)):
        depth += {"(": 1, ")": -1}.get(head[position], 0)
        if depth == 0:
            return head[:open_at], head[open_at + 1:position], head[position + 1:]
    return head[:open_at], head[open_at + 1:], ""


class _Reader:
    def __init__(self, code: str):
        self.code = DIRECTIVE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), code)
        self.out = Outline()
        self.scopes = [_Scope("namespace")]
        self.start = 0
        self.parentheses = 0

    def line_of(self, position: int) -> int:
        return self.code.count("\n", 0, position) + 1

    def statement(self, end: int) -> tuple[str, int]:
        """The statement so far and the line where it begins."""
        raw = self.code[self.start:end]
        text = raw.strip()
        return text, self.line_of(self.start + len(raw) - len(raw.lstrip()))

    def read(self) -> Outline:
        for match in re.finditer(r"[{}();:]", self.code):
            position, mark = match.start(), match[0]
            if mark == "(":
                self.parentheses += 1
            elif mark == ")":
                self.parentheses = max(0, self.parentheses - 1)
            elif mark == "{":
                self.open(position)
            elif mark == "}":
                self.close(position)
            elif self.parentheses == 0 and mark == ";":
                self.end_statement(position)
            elif self.parentheses == 0 and mark == ":" and ACCESS.match(self.statement(position)[0]):
                self.start = position + 1
        return self.out

    def open(self, position: int) -> None:
        head, line = self.statement(position)
        scope = _Scope("block", self.start, self.parentheses)
        outer = self.scopes[-1].kind
        if self.parentheses > 0 or outer in ("function", "block", "initializer", "enum"):
            pass
        elif NAMESPACE_HEAD.search(head):
            scope.kind = "namespace"
        elif re.search(r"\benum\b[^()]*$", head):
            scope.kind = "enum"
        elif match := CLASS_HEAD.search(_without_templates(head)):
            scope.kind = "class"
            scope.name = (match[2] or "").split("::")[-1]
            scope.klass = Class(scope.name, line)
            self.out.classes.append(scope.klass)
        else:
            scope.kind = self.function_or_initializer(head)
            if scope.kind == "function":
                self.constructor(head, line)
        self.scopes.append(scope)
        self.start = position + 1
        self.parentheses = 0

    @staticmethod
    def function_or_initializer(head: str) -> str:
        before, _, after = _parameters(head)
        if "(" not in head or re.search(r"(?<![=!<>])=(?!=)", _without_templates(before).replace("operator=", "")):
            return "initializer"
        # `: a_{1}, b_(2) {`: a brace right after a name belongs to that member; the body follows ) or }.
        initializers = re.match(r"\s*(?:noexcept[\w\s]*)?:(?!:)", after)
        if initializers and re.search(r"[\w>]$", head):
            return "initializer"
        return "function"

    def constructor(self, head: str, line: int) -> None:
        klass = self.scopes[-1].name
        before, inside, _ = _parameters(head)
        if self.scopes[-1].kind == "class" and klass and re.search(rf"(?<![\w~]){re.escape(klass)}\s*$", before):
            self.out.constructors.append(Constructor(klass, line, _top_level_parts(inside)))

    def close(self, position: int) -> None:
        if len(self.scopes) == 1:
            return
        scope = self.scopes.pop()
        self.parentheses = scope.parentheses
        if scope.kind == "initializer" or scope.parentheses > 0:
            self.start = scope.start  # the statement goes on
            return
        if scope.kind == "function":
            self.start = scope.start
            head, line = self.statement(position)
            name = FUNCTION_NAME.search(_parameters(head)[0])
            self.out.functions.append(
                Function(name[1].strip() if name else "?", line, self.line_of(position) - line + 1))
        self.start = position + 1

    def end_statement(self, position: int) -> None:
        text, line = self.statement(position)
        self.start = position + 1
        scope = self.scopes[-1]
        if scope.kind == "namespace":
            if _is_variable(text) and not _is_constant(text):
                self.out.mutable_statics.append(Variable(text, line))
        elif scope.kind == "class":
            if re.match(r"(?:inline\s+)?(?:static|constinit)\b", text):
                if _is_variable(text) and not _is_constant(text):
                    self.out.mutable_statics.append(Variable(text, line))
            elif _is_variable(text) and not re.match(r"constexpr\b", text):
                scope.klass.members += _top_level_parts(re.sub(r"\[[^\]]*\]", "", _declarator(text)))
            else:
                self.constructor(text, line)
        elif scope.kind in ("function", "block"):
            if re.match(r"(?:static|thread_local)\b", text) and not _is_constant(text):
                self.out.mutable_statics.append(Variable(text, line))


def outline(code: str) -> Outline:
    return _Reader(code).read()
