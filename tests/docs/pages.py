"""check_pages.sh: pages.py HTML SOURCE."""
import html.parser
import json
import os
import re
import sys

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.fetched, self.open, self.wrong, self.text = [], [], [], [], [], []
        self.feed(text)
        self.wrong += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in attributes:
            if attributes["id"] in self.ids:
                self.wrong.append(f"id {attributes['id']} twice")
            self.ids.append(attributes["id"])
        if tag == "a":
            self.links.append(attributes.get("href", ""))
        elif "src" in attributes or tag == "link":
            self.fetched.append(attributes.get("src") or attributes["href"])

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")

    def handle_data(self, data):
        self.text.append(data)


def squeeze(text):
    return re.sub(r"\s+", " ", text).replace("`", "")


def main():
    folder, source = sys.argv[1:]
    complaints = []
    pages = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".html"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                pages[name] = Page(file.read())
    with open(os.path.join(folder, "names.js"), encoding="utf-8") as file:
        index = json.loads(re.fullmatch(r"const names = (.*);\n", file.read(), re.S)[1])

    for name, page in pages.items():
        complaints += [f"{name}: {wrong}" for wrong in page.wrong]
        for link in page.links + [row[2] for row in index if name == "index.html"]:
            target, _, place = link.partition("#")
            if re.match(r"https?://", link):
                continue
            if (target or name) not in pages:
                complaints.append(f"{name}: {link} leads to no page")
            elif place and place not in pages[target or name].ids:
                complaints.append(f"{name}: {link} leads to no place on it")
        complaints += [f"{name} fetches {what}" for what in page.fetched if not os.path.exists(os.path.join(folder, what))]

    ids = {place for page in pages.values() for place in page.ids}
    known = {row[0] for row in index}
    with open(os.path.join(source, "tests", "abi", "symbols.txt"), encoding="utf-8") as file:
        names = file.read().split()
    include = os.path.join(source, "include", "teleai")
    said = 0
    for header in os.listdir(include):
        with open(os.path.join(include, header), encoding="utf-8") as file:
            text = file.read()
        names += re.findall(r"^\} (teleai_\w+);$", text, re.M)
        names += re.findall(r"^ {4}(TELEAI_\w+)(?: = [^,/]+?)?,?(?: +/\*\*<|$)", text, re.M)
        shown = squeeze("".join(pages[header.replace(".h", ".html")].text))
        for returns in re.findall(r"^ \* Returns: (.*?)\n \*(?:/| [A-Z]\w+: )", text, re.M | re.S):
            words = squeeze(re.sub(r"\n \*", " ", returns))
            said += 1
            if words not in shown:
                complaints.append(f"{header}: its page does not hold: {words}")
    for name in names:
        if name not in ids:
            complaints.append(f"{name} has no place in the pages")
        if name not in known:
            complaints.append(f"{name} cannot be searched for")
    if len(names) < 300 or said < 100:
        complaints.append(f"only {len(names)} names and {said} sentences found in the headers")
    print("\n".join(complaints) or f"{len(pages)} pages, {len(names)} names, {sum(len(p.links) for p in pages.values())} links")
    sys.exit(bool(complaints))


main()
