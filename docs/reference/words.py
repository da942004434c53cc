"""What the words of a comment mean: names of the library, statuses, and what is in backquotes."""
import re

TOKEN = re.compile(r"`([^`]+)`|\b(teleai_\w+)(\(\))?(?:\.(\w+))?|\b(TELEAI_\w+)(\.{3})?|\b([A-Z][A-Z_]+)\b"
                   r"|\b(?:teleai/)?([a-z_]+)\.h\b")


class Names:
    def __init__(self, library):
        self.api = library
        self.items = {item.name: item for item in library.items()}
        self.headers = {header.name: header for header in library.headers}
        self.values = {}  # of enumerations: name to (item, member)
        for item in library.items():
            if item.kind == "enum" or item.members and item.kind == "type":
                self.values.update({member.name: (item, member) for member in item.members})
        self.statuses = {member.name.removeprefix("TELEAI_"): member for member in self.items["teleai_status"].members}
        errors = dict(library.contract)["Errors"]
        self.usual = re.search(r"the usual ones: (.*?)\.", errors)[1]

    def tokens(self, text):
        """(kind, text, item, place) for each part: code, name, status, header or plain. place is a member's name."""
        position = 0
        for match in TOKEN.finditer(text):
            code, name, call, member, constant, dots, capitals, header = match.groups()
            token = None
            if code:
                token = ("code", code, self.items.get(code), None)
            elif name in self.items:
                item = self.items[name]
                if member and member not in [known.name for known in item.members]:
                    token = ("name", name + (call or ""), item, None), ("plain", "." + member, None, None)
                else:
                    token = ("name", match[0], item, member)
            elif constant in self.values:
                token = ("name", constant, *(self.values[constant][0], constant))
            elif constant in self.items:
                token = ("name", match[0], self.items[constant], None)
            elif capitals in self.statuses:
                token = ("status", capitals, self.items["teleai_status"], "TELEAI_" + capitals)
            elif header in self.headers:
                token = ("header", match[0], self.headers[header], None)
            if token:
                if match.start() > position:
                    yield ("plain", text[position:match.start()], None, None)
                yield from token if isinstance(token[0], tuple) else (token,)
                position = match.end()
        if position < len(text):
            yield ("plain", text[position:], None, None)

    def type_of(self, declaration):
        """The type of the library that a parameter or member has, where it has one."""
        match = re.search(r"\bteleai_\w+", declaration)
        return self.items.get(match[0]) if match else None

    def enumerations(self, *texts):
        """Those that texts name, as TELEAI_ROLE_... or by one of their values."""
        found = []
        for text in texts:
            for kind, _, item, _ in self.tokens(text):
                if kind == "name" and item.kind == "enum" and item not in found:
                    found.append(item)
        return found


def text_of(item):
    """Everything that is said about an item, for looking through."""
    rows = [cell for kind, block in item.blocks if kind in ("rows", "table") for row in block for cell in row]
    return " ".join([block for kind, block in item.blocks if kind in ("text", "code")] + rows + list(item.tags.values()) +
                    [member.text for member in item.members])
