// SPDX-License-Identifier: MIT
// flame.js - what a flame graph does in a browser: it fits the window, zooms,
// searches, and tells about the frame under the pointer. flame_svg.c draws it.
"use strict";
(() => {
const html = "http://www.w3.org/1999/xhtml";
const svg = document.documentElement;
const byId = id => document.getElementById(id);
const frames = byId("frames");
const head = byId("head");
const height = frames.y.baseVal.value + frames.height.baseVal.value + 10;

// In the order of calls. The frames that it calls are those up to its end.
const all = Array.from(frames.querySelectorAll(".f"), (g, index) => {
    const rect = g.querySelector("rect");
    const tip = g.querySelector("title").textContent;
    const x = parseFloat(rect.getAttribute("x"));
    const width = parseFloat(rect.getAttribute("width"));
    const y = parseFloat(rect.getAttribute("y"));
    const name = tip.slice(0, tip.indexOf("\n"));
    return {g, rect, tip, name, index, x, width, y, shown: width,
            text: g.querySelector("text"), parent: null, end: 0};
});
const open = [];
for (const frame of all) {
    while (open.length && open[open.length - 1].y >= frame.y)
        open.pop().end = frame.index;
    frame.parent = open.length ? open[open.length - 1] : null;
    open.push(frame);
    frame.g.setAttribute("tabindex", "-1");
    frame.g.setAttribute("role", "button");
}
for (const frame of open)
    frame.end = all.length;
const frameOf = element => {
    const g = element.closest && element.closest(".f");
    return g ? all.find(frame => frame.g === g) : null;
};
const contains = (outer, frame) =>
    outer.index <= frame.index && frame.index < outer.end;

// ---- the head: a field to search in, and what the pointer is on

const make = (name, properties) =>
    Object.assign(document.createElementNS(html, name), properties);
const field = make("input", {type: "search", placeholder: "Search (Ctrl-F)"});
field.setAttribute("aria-label", "Search for text or a regular expression");
field.id = "search";
const reset = make("button", {id: "reset", textContent: "Reset zoom",
                              disabled: true});
const found = make("output", {id: "found"});
const details = make("span", {});
const bar = make("div", {});
bar.style.cssText = "display: flex; gap: 8px; align-items: center; " +
    "font: 12px monospace; white-space: nowrap; height: 24px";
field.style.cssText = "font: inherit; width: 180px";
reset.style.cssText = "font: inherit";
details.style.cssText = "overflow: hidden; text-overflow: ellipsis";
bar.append(field, reset, found, details);
const holder = document.createElementNS(svg.namespaceURI, "foreignObject");
for (const [name, value] of Object.entries(
    {x: "0.8%", y: "44", width: "98.4%", height: "26"}))
    holder.setAttribute(name, value);
holder.append(bar);
byId("details").replaceWith(holder);
details.id = "details";
const hint = "click or Enter: zoom, Esc: back, arrows: move, " +
    "/ or Ctrl-F: search";
const tell = frame => {
    details.textContent = frame ? frame.tip.replaceAll("\n", ", ") : hint;
};

// ---- how it is drawn

// (Asked for once, as each question makes the browser lay out all frames.)
let letter = 7.2;                       // how wide one is
let whole = 0;                          // how wide all frames are
const cut = (name, room) => {
    let text = "";
    for (const each of name) {
        // (Many of these letters are as wide as two.)
        room -= each < "\u1100" ? letter : 2 * letter;
        if (room < 0)
            return text.length < 3 ? "" :
                Array.from(text).slice(0, -2).join("") + "..";
        text += each;
    }
    return text;
};
const label = frame => {
    frame.text.textContent = cut(frame.name, frame.shown / 100 * whole - 6);
};
const fitWindow = () => {
    svg.removeAttribute("viewBox");
    svg.setAttribute("width", "100%");
    svg.setAttribute("height", Math.max(window.innerHeight, height));
    whole = frames.width.baseVal.value;
    for (const frame of all)
        if (frame.shown)
            label(frame);
};
const placeHead = () => head.setAttribute("transform",
    `translate(0, ${Math.max(0, window.scrollY)})`);

// ---- zoom: a frame becomes as wide as the window

let zoomed = all[0];
let current = all[0];                   // what the keys move
const zoom = to => {
    zoomed = to;
    reset.disabled = to === all[0];
    for (const frame of all) {
        const isAbove = frame !== to && contains(frame, to);
        const isShown = isAbove || contains(to, frame);
        frame.g.style.display = isShown ? "" : "none";
        frame.g.classList.toggle("above", isAbove);
        frame.shown = !isShown ? 0 : isAbove ? 100 :
            frame.width / to.width * 100;
        if (!isShown)
            continue;
        const x = isAbove ? 0 : (frame.x - to.x) / to.width * 100;
        frame.rect.setAttribute("x", x + "%");
        frame.rect.setAttribute("width", frame.shown + "%");
        frame.text.setAttribute("x", x + "%");
        label(frame);
    }
    count();
};

// ---- search: text, or a regular expression

let matches = null;                     // whether a name does; null: no search
const count = () => {
    let sum = 0;
    found.textContent = "";
    if (!matches)
        return;
    // What is in a frame that was found is not counted again.
    for (let i = zoomed.index; i < zoomed.end;) {
        if (matches(all[i].name)) {
            sum += all[i].width;
            i = all[i].end;
        } else {
            i++;
        }
    }
    found.textContent = (sum / zoomed.width * 100).toFixed(1) + " % found";
};
const search = text => {
    const lower = text.toLowerCase();
    let pattern = null;
    try {
        pattern = new RegExp(text, "i");
    } catch (error) {
        // It is text alone.
    }
    matches = text && (name => name.toLowerCase().includes(lower) ||
                       (pattern !== null && pattern.test(name)));
    for (const frame of all)
        frame.g.classList.toggle("found", Boolean(matches) &&
                                 matches(frame.name));
    count();
};

// ---- keys

const move = frame => {
    if (!frame)
        return;
    current.g.setAttribute("tabindex", "-1");
    current = frame;
    frame.g.setAttribute("tabindex", "0");
    frame.g.focus({preventScroll: true});
    const top = frames.y.baseVal.value + frame.y;
    const first = window.scrollY + frames.y.baseVal.value;
    const last = window.scrollY + window.innerHeight - 20;
    if (top < first)
        window.scrollTo(0, frame.y);
    else if (top > last)
        window.scrollTo(0, top - window.innerHeight + 20);
};
// The next one in its row.
const beside = (frame, step) => {
    for (let i = frame.index + step; i >= 0 && i < all.length; i += step)
        if (all[i].shown && all[i].y === frame.y)
            return all[i];
    return null;
};
const widestCallee = frame => {
    let widest = null;
    for (let i = frame.index + 1; i < frame.end; i = all[i].end)
        if (all[i].shown > (widest ? widest.shown : 0))
            widest = all[i];
    return widest;
};
const keys = {
    ArrowUp: () => move(current.parent),
    ArrowDown: () => move(widestCallee(current)),
    ArrowLeft: () => move(beside(current, -1)),
    ArrowRight: () => move(beside(current, 1)),
    Enter: () => zoom(current),
    " ": () => zoom(current),
};
window.addEventListener("keydown", event => {
    const isFind = (event.ctrlKey || event.metaKey) && event.key === "f" ||
        event.key === "F3";
    const isTyping = event.target === field;
    if (isFind || event.key === "/") {
        if (isTyping)
            return;                     // the browser's own search, or a slash
        field.focus();
        field.select();
    } else if (event.ctrlKey || event.metaKey || event.altKey) {
        return;
    } else if (event.key === "Escape") {
        if (field.value) {
            field.value = "";
            search("");
        } else {
            zoom(all[0]);
        }
    } else if (isTyping && (event.key === "Enter" ||
                            event.key === "ArrowDown")) {
        move(all.find(frame => frame.shown && contains(zoomed, frame) &&
                      frame.g.classList.contains("found")) || current);
    } else if (isTyping || event.target === reset || !keys[event.key]) {
        return;
    } else {
        keys[event.key]();
    }
    event.preventDefault();
});

// ---- the pointer, and the window

frames.addEventListener("click", event => {
    const frame = frameOf(event.target);
    if (frame) {
        zoom(frame);
        move(frame);
    }
});
for (const kind of ["mouseover", "focusin"])
    frames.addEventListener(kind, event => tell(frameOf(event.target)));
for (const kind of ["mouseleave", "focusout"])
    frames.addEventListener(kind, () => tell(null));
field.addEventListener("input", () => search(field.value));
reset.addEventListener("click", () => zoom(all[0]));
window.addEventListener("resize", fitWindow);
window.addEventListener("scroll", placeHead);

tell(null);
if (all.length) {
    all[0].g.setAttribute("tabindex", "0");
    all[0].text.textContent = "0".repeat(100);
    letter = all[0].text.getComputedTextLength() / 100 || letter;
}
fitWindow();
placeHead();
})();
