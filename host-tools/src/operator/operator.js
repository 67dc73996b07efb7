"use strict";
// Without this script the pages can be read and their forms sent. With it they stay up to date, and
// the text that is being typed is counted.

// How often a page is brought up to date, in milliseconds, and how long a pause in typing is. A page
// that takes long to make is asked for less often.
const REFRESH = 1000;
const PATIENCE = 10;
const PAUSE = 150;

// Puts what has changed in its place, but for what somebody is in.
async function refresh() {
    if (document.hidden) return;
    const response = await fetch(location.href, { redirect: "manual" });
    if (response.type === "opaqueredirect") return location.reload();
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const old of document.querySelectorAll("[data-live]")) {
        const now = fresh.getElementById(old.id);
        if (!now || old.outerHTML === now.outerHTML || old.contains(document.activeElement)) continue;
        const selection = getSelection();
        if (selection.type === "Range" && selection.containsNode(old, true)) continue;
        const top = old.scrollTop;
        old.replaceWith(document.importNode(now, true));
        document.getElementById(now.id).scrollTop = top;
    }
}

async function refreshForever() {
    const began = performance.now();
    try {
        await refresh();
    } catch {
        // The gateway is not there now; it may come back.
    }
    setTimeout(refreshForever, Math.max(REFRESH, PATIENCE * (performance.now() - began)));
}
if (document.querySelector("[data-live]")) setTimeout(refreshForever, REFRESH);

const text = document.getElementById("text");
const counter = document.getElementById("counter");
if (text && counter) {
    let pause;
    let asked = 0;
    const count = async () => {
        const mine = ++asked;
        const response = await fetch("/parts", { method: "POST", body: text.value });
        if (response.ok && mine === asked) counter.textContent = (await response.json()).words;
    };
    text.addEventListener("input", () => {
        clearTimeout(pause);
        pause = setTimeout(() => count().catch(() => {}), PAUSE);
    });
    if (text.value) count().catch(() => {});
}
