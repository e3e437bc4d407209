/* Flask-Intacct: what makes our screens quicker. Every screen works without it. */
(function () {
  "use strict";

  if (!document.documentElement.lang) document.documentElement.lang = "en";

  function all(selector, root) { return Array.from((root || document).querySelectorAll(selector)); }

  function make(tag, attributes, text) {
    var element = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) { element.setAttribute(name, attributes[name]); });
    if (text) element.textContent = text;
    return element;
  }

  /* Typeahead: an input with a list box, after the combobox pattern of the ARIA practices. */
  function pick(box, number) {
    var hidden = box.querySelector("input[type=hidden]");
    var shown = box.querySelector(".intacct-pick-text");
    var other = box.querySelector(".intacct-pick-other");
    var chosen = { key: hidden.value, text: hidden.value ? shown.textContent.trim() : "" };
    var listId = "intacct-list-" + number;
    var input = make("input", {
      type: "text", class: "form-control", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-label": box.dataset.label, "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId,
      placeholder: shown.textContent.trim()
    });
    var list = make("ul", { class: "intacct-list-box", role: "listbox", id: listId, hidden: "", "aria-label": box.dataset.label });
    var options = [], active = -1, timer = 0, asked = 0;
    var row = box.closest("tr"), find = row && row.querySelector(".intacct-find"), match = row && row.querySelector(".intacct-one");
    var detail = row && row.querySelector(".intacct-pick-detail");
    input.value = chosen.text;
    shown.hidden = true;
    if (other) other.hidden = true;
    box.append(input, list);

    function close() {
      list.hidden = true; active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
    function mark(index) {
      active = index;
      options.forEach(function (option, at) { option.element.setAttribute("aria-selected", String(at === index)); });
      if (index >= 0) {
        input.setAttribute("aria-activedescendant", options[index].element.id);
        options[index].element.scrollIntoView({ block: "nearest" });
      }
    }
    function step(by) {
      if (!options.length) return;
      var at = active;
      for (var tries = 0; tries < options.length; tries++) {
        at = (at + by + options.length) % options.length;
        if (!options[at].blocked) { mark(at); return; }
      }
    }
    function keep() {
      hidden.value = chosen.key; input.value = chosen.text;
      if (find) { find.hidden = Boolean(chosen.key); match.hidden = !chosen.key; }
    }
    if (find) find.addEventListener("click", function (event) { event.preventDefault(); input.focus(); ask(); });
    function choose(option) {
      if (!option || option.blocked) return;
      chosen = { key: option.key, text: option.text };
      if (!detail) box.after(detail = make("span", { class: "intacct-detail intacct-pick-detail" }));
      detail.textContent = option.detail;
      keep();
      var tick = row && row.querySelector("input[name=rowid]");
      if (tick) { tick.checked = true; tick.dispatchEvent(new Event("change", { bubbles: true })); }
      close();
    }
    function draw(found) {
      list.textContent = ""; options = [];
      found.forEach(function (item, at) {
        var text = item.name && item.name !== item.code ? item.code + " " + item.name : item.code;
        var element = make("li", { role: "option", id: listId + "-" + at, "aria-selected": "false" }, text);
        var small = item.blocked || item.detail;
        if (small) element.append(make("small", {}, small));
        if (item.blocked) element.setAttribute("aria-disabled", "true");
        var option = { key: item.key, text: text, detail: item.detail, blocked: Boolean(item.blocked), element: element };
        element.addEventListener("mousedown", function (event) { event.preventDefault(); choose(option); });
        options.push(option); list.append(element);
      });
      if (!found.length) list.append(make("li", { class: "intacct-none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, box.dataset.none));
      list.hidden = false; active = -1;
      place();
      input.setAttribute("aria-expanded", "true");
    }
    /* Where there is room: between the top of the window and the bar at its bottom. */
    function place() {
      var bar = document.querySelector(".intacct-sticky"), edge = input.getBoundingClientRect();
      var end = bar ? Math.min(bar.getBoundingClientRect().top, window.innerHeight) : window.innerHeight;
      var below = end - edge.bottom - 8, above = edge.top - 8, up = below < 160 && above > below;
      list.classList.toggle("intacct-up", up);
      list.style.maxHeight = Math.max(96, Math.min(304, up ? above : below)) + "px";
    }
    function ask() {
      var mine = ++asked, text = input.value === chosen.text ? "" : input.value;
      fetch(box.dataset.url + "?q=" + encodeURIComponent(text), { credentials: "same-origin", headers: { Accept: "application/json" } })
        .then(function (answer) { return answer.ok ? answer.json() : []; })
        .then(function (found) { if (mine === asked && document.activeElement === input) draw(found); })
        .catch(close);
    }
    input.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(ask, 160); });
    input.addEventListener("click", ask);
    input.addEventListener("focus", function () { input.select(); });
    input.addEventListener("blur", function () {
      if (!input.value.trim()) { chosen = { key: "", text: "" }; if (detail) detail.textContent = ""; }
      keep();
      close();
    });
    input.addEventListener("keydown", function (event) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) ask(); else step(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (!list.hidden) choose(options[active >= 0 ? active : options.findIndex(function (o) { return !o.blocked; })]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault(); event.stopPropagation(); close();
      }
    });
  }
  all(".intacct-pick[data-url]").forEach(pick);

  /* Rows of a matching list: select all, how many are selected, the keys j, k, x and Enter. */
  var form = document.getElementById("match-form");
  if (form) {
    var ticks = all("input[name=rowid]:not(:disabled)", form);
    var everything = form.querySelector(".intacct-all"), told = form.querySelector(".intacct-selected");
    var keys = form.querySelector(".intacct-keys");
    var count = function () {
      var number = ticks.filter(function (tick) { return tick.checked; }).length;
      if (told) told.textContent = number === 1 ? told.dataset.one : told.dataset.many.replace("{n}", number);
      if (everything) {
        everything.checked = number > 0 && number === ticks.length;
        everything.indeterminate = number > 0 && number < ticks.length;
      }
    };
    if (everything && ticks.length) {
      everything.hidden = false;
      everything.addEventListener("change", function () {
        ticks.forEach(function (tick) { tick.checked = everything.checked; });
        count();
      });
    }
    if (keys) keys.hidden = false;
    form.addEventListener("change", count);
    count();
    document.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      var at = event.target, rows = all("tbody tr", form), here = at.closest ? at.closest("tr") : null, index = rows.indexOf(here);
      if (/^(SELECT|TEXTAREA|BUTTON|A|SUMMARY)$/.test(at.tagName) || (at.tagName === "INPUT" && at.type !== "checkbox")) return;
      if (event.key === "j" || event.key === "k") {
        var next = rows[index < 0 ? 0 : Math.min(Math.max(index + (event.key === "j" ? 1 : -1), 0), rows.length - 1)];
        if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); event.preventDefault(); }
      } else if (event.key === "x" && here) {
        var tick = here.querySelector("input[name=rowid]:not(:disabled)");
        if (tick) { tick.checked = !tick.checked; count(); event.preventDefault(); }
      } else if (event.key === "Enter" && (here || at.type === "checkbox")) {
        var accept = form.querySelector("[data-key=Enter]");
        if (accept) { event.preventDefault(); form.requestSubmit(accept); }
      }
    });
  }

  /* Progress of a run: bars move in place, a change of state loads the page anew. */
  function paint(root, answer) {
    answer.bars.forEach(function (bar) {
      var row = root.querySelector('[data-bar="' + bar.name + '"]');
      if (!row) return;
      var progress = row.querySelector("progress");
      if (bar.max >= 0) { progress.max = bar.max; progress.value = bar.value; }
      else if (bar.state === "running") progress.removeAttribute("value");
      else { progress.max = 1; progress.value = 0; }
      if (row.classList.contains("intacct-bar")) row.className = "intacct-bar intacct-bar-" + bar.state;
      [["text", bar.text || (row.classList.contains("intacct-bar") ? "" : bar.state_label)], ["pace", bar.pace], ["state", bar.state_label], ["failed", bar.failed_text]].forEach(function (pair) {
        var part = row.querySelector("[data-part=" + pair[0] + "]");
        if (part && part.textContent !== pair[1]) part.textContent = pair[1];
        if (part && pair[0] === "failed") part.hidden = !bar.failed;
      });
    });
    var chip = root.querySelector("[data-part=chip]"), status = root.querySelector("[data-part=status]");
    if (chip && chip.textContent !== answer.label) { chip.textContent = answer.label; chip.className = "intacct-chip intacct-" + answer.colour; }
    var running = answer.bars.find(function (bar) { return bar.state === "running"; });
    var words = answer.label + (running ? ": " + running.label : "");
    if (status && status.textContent !== words) status.textContent = words;
  }
  function poll(root) {
    if (!root.dataset.poll) return;
    var wait = 1500, inFlag = root.classList.contains("intacct-flag"), was = root.dataset.state;
    function again() { setTimeout(ask, document.hidden ? 10000 : wait); }
    function ask() {
      if (!document.contains(root)) return;
      fetch(root.dataset.poll, { credentials: "same-origin", headers: { Accept: "application/json" } })
        .then(function (answer) { if (!answer.ok) throw new Error(); return answer.json(); })
        .then(function (answer) {
          wait = 1500;
          paint(root, answer);
          var changed = (was && (was === "paused") !== (answer.state === "paused")) || (answer.rest || "") !== (root.dataset.rest || "");
          if (!inFlag && (!answer.live || changed)) {
            if (root.dataset.next) location.assign(root.dataset.next); else location.reload();
            return;
          }
          if (inFlag && (!answer.live || changed)) { refreshFlag(); return; }
          again();
        })
        .catch(function () { wait = Math.min(wait * 2, 30000); again(); });
    }
    again();
  }
  function refreshFlag() {
    var flags = document.getElementById("intacct-flags");
    if (!flags) return;
    fetch(flags.dataset.flag, { credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : ""; })
      .then(function (text) {
        var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("intacct-flags");
        if (fresh) { flags.replaceWith(fresh); wake(fresh); } else flags.remove();
      })
      .catch(function () { setTimeout(refreshFlag, 10000); });
  }
  function wake(root) {
    all("[data-poll]", root).forEach(poll);
    all("[data-dismiss-flag]", root).forEach(function (form) {
      form.addEventListener("submit", function (event) {
        event.preventDefault();
        fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin", headers: { "X-Requested-With": "fetch" } })
          .then(function (answer) { if (answer.ok) refreshFlag(); else form.submit(); })
          .catch(function () { form.submit(); });
      });
    });
  }
  wake(document);

  /* A form that takes a moment says so, and is not sent twice. */
  all("form[data-busy]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      var button = event.submitter || form.querySelector("button[type=submit]");
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "1";
      if (button) { button.setAttribute("aria-busy", "true"); button.textContent = form.dataset.busy; }
    });
  });
  window.addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });
})();
