"""A headless Chromium, asked through its own protocol over two pipes: what a page requests, says on the console, and how wide it is."""

import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

# Elements that stick out of the window, unless something around them scrolls or hides what sticks out.
TOO_WIDE = """(() => {
  const inside = element => {
    for (let up = element.parentElement; up && up !== document.body; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== 'visible') return true;
    return false;
  };
  const width = document.documentElement.clientWidth;
  const found = [...document.querySelectorAll('body *')].filter(e => e.getClientRects().length
      && (e.getBoundingClientRect().right > width + 1 || e.getBoundingClientRect().left < -1) && !inside(e));
  return {width, scroll: document.documentElement.scrollWidth, elements: document.querySelectorAll('*').length,
          wide: found.slice(0, 5).map(e => e.tagName + ' ' + (e.textContent || e.alt || '').trim().slice(0, 60))};
})()"""
UNFOLD = "document.querySelectorAll('details').forEach(d => d.open = true); document.querySelectorAll('details').length"


def program():
    """Where Chromium is, or None."""
    return os.environ.get("GREENFRONT_CHROMIUM") or shutil.which("chromium")


class Browser:
    def __init__(self, home):
        to_browser, self.out = os.pipe()
        self.into, from_browser = os.pipe()
        options = ["--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage",
                   "--no-sandbox", f"--user-data-dir={home}", "--remote-debugging-pipe", "about:blank"]
        self.log = open(Path(home) / "log", "wb")
        self.process = subprocess.Popen(["bash", "-c", f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}', program(), *options],
                                        pass_fds=(to_browser, from_browser), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        os.close(to_browser)
        os.close(from_browser)
        self.numbers, self.buffer, self.events, self.session = itertools.count(1), b"", [], None

    def message(self, deadline):
        """The next message of the browser; None when there is none in time."""
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.into], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                return None
            data = os.read(self.into, 1 << 20)
            if not data:
                raise SystemExit(f"Chromium ended: {Path(self.log.name).read_text(errors='replace')[-2000:]}")
            self.buffer += data
        raw, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(raw)

    def ask(self, method, **parameters):
        number = next(self.numbers)
        order = {"id": number, "method": method, "params": parameters}
        if self.session:
            order["sessionId"] = self.session
        os.write(self.out, json.dumps(order).encode() + b"\0")
        deadline = time.monotonic() + 120
        while True:
            answer = self.message(deadline)
            if answer is None:
                raise SystemExit(f"Chromium does not answer {method}")
            if answer.get("id") == number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method, seconds):
        """Until an event arrives."""
        deadline = time.monotonic() + seconds
        while not any(event.get("method") == method for event in self.events):
            event = self.message(deadline)
            if event is None:
                raise SystemExit(f"no {method} within {seconds} seconds")
            self.events.append(event)

    def evaluate(self, expression):
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def close(self):
        try:
            os.write(self.out, json.dumps({"id": next(self.numbers), "method": "Browser.close"}).encode() + b"\0")
            self.process.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.log.close()


def complaints(events, page):
    """What a page asked for and what it said, as lines; nothing when it is quiet."""
    found = []
    for event in events:
        method, told = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            address = told["request"]["url"]
            if address != page and not address.startswith("data:"):
                found.append(f"request: {address[:200]}")
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            found.append(f"{told['entry']['level']}: {told['entry']['text'][:300]}")
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
            found.append(f"console {told['type']}: {json.dumps(told['args'])[:300]}")
        elif method == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            found.append(f"exception: {details.get('exception', details).get('description', details['text'])[:300]}")
    return found


def visit(path, widths):
    """Opens a file in windows of some widths; complaints, and the measures of each width, folded and unfolded."""
    page = Path(path).resolve().as_uri()
    with tempfile.TemporaryDirectory(prefix="greenfront-browser-") as home:
        browser = Browser(home)
        try:
            target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
            browser.session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                browser.ask(f"{domain}.enable")
            told, measures = [], []
            for width in widths:
                browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
                browser.events.clear()
                browser.ask("Page.navigate", url=page)
                browser.wait("Page.loadEventFired", 120)
                measures.append((width, "as opened", browser.evaluate(TOO_WIDE)))
                folded = browser.evaluate(UNFOLD)
                measures.append((width, f"{folded} parts unfolded", browser.evaluate(TOO_WIDE)))
                told += [f"{width} px: {line}" for line in complaints(browser.events, page)]
            return told, measures
        finally:
            browser.close()
