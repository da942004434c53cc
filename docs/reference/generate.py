#!/usr/bin/env python3
"""Makes the manual pages and the browsable pages from the comments in the public headers: generate.py SOURCE OUTPUT.

SOURCE is the folder that holds include/ and docs/; OUTPUT gets man/man3 and html. Needs Python 3.9 and nothing else.
"""
import os
import shutil
import sys
import time

from headers import read_library
from manual import Manual
from site_pages import Site


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    source, output = sys.argv[1:]
    moment = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    library = read_library(os.path.join(source, "include"))
    for folder in ("man", "html"):
        shutil.rmtree(os.path.join(output, folder), ignore_errors=True)
    pages = Manual(library, time.strftime("%Y-%m-%d", moment)).write(os.path.join(output, "man", "man3"))
    print(f"{pages} manual pages, {Site(library, source).write(os.path.join(output, 'html'))} browsable pages")


if __name__ == "__main__":
    main()
