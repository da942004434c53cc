/* Search by name, without a server: `names` comes from names.js as [name, kind, page] rows. */
"use strict";
(() => {
    const input = document.getElementById("search");
    const list = document.getElementById("found");
    let chosen = -1;

    /* The words may stand in any order; what begins with them, and what is short, comes first. */
    function find(text) {
        const words = text.toLowerCase().split(/[\s_.()]+/).filter(Boolean);
        if (words.length === 0) return [];
        const found = [];
        for (const row of names) {
            const name = row[0].toLowerCase().replace(/^teleai_/, "");
            if (!words.every(word => name.includes(word) || "teleai".startsWith(word))) continue;
            let rank = name.length + (row[1] === "member" || row[1] === "value" ? 40 : 0);
            if (name.startsWith(words.filter(word => word !== "teleai").join("_"))) rank -= 60;
            found.push([rank, row]);
        }
        return found.sort((a, b) => a[0] - b[0]).slice(0, 12).map(pair => pair[1]);
    }

    function choose(index) {
        const items = list.children;
        if (items.length === 0) return;
        chosen = (index + items.length) % items.length;
        [...items].forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen)));
        items[chosen].scrollIntoView({ block: "nearest" });
    }

    function show() {
        list.replaceChildren();
        chosen = -1;
        for (const [name, kind, page] of find(input.value)) {
            const item = document.createElement("li");
            const link = document.createElement("a");
            const label = document.createElement("span");
            item.setAttribute("role", "option");
            link.href = page;
            link.textContent = name;
            label.textContent = kind;
            link.append(label);
            item.append(link);
            list.append(item);
        }
        list.hidden = list.children.length === 0;
        input.setAttribute("aria-expanded", String(!list.hidden));
        if (!list.hidden) choose(0);
    }

    function close() {
        list.hidden = true;
        input.setAttribute("aria-expanded", "false");
    }

    input.addEventListener("input", show);
    input.addEventListener("focus", show);
    input.addEventListener("keydown", event => {
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
            event.preventDefault();
        } else if (event.key === "Enter" && chosen >= 0 && !list.hidden) {
            list.children[chosen].firstChild.click();
            close();
        } else if (event.key === "Escape") {
            close();
            input.blur();
        }
    });
    list.addEventListener("click", close);
    document.addEventListener("click", event => {
        if (!event.target.closest(".search")) close();
    });
    document.addEventListener("keydown", event => {
        if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
            input.focus();
            event.preventDefault();
        }
    });
    const open = document.getElementById("open"); /* on a phone: following a link puts the menu away */
    document.querySelector("nav.pages").addEventListener("click", () => (open.checked = false));
})();
