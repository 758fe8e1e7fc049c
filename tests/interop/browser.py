# SPDX-License-Identifier: MIT
"""Headless Chromium opens the echo server's page and uses it.

usage: browser.py PATH_TO_ECHO_SERVER [--screenshot FILE]
"""

import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from echo_server import PATIENCE, EchoServer, check, run

ARGUMENTS = """--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
               --disable-component-update --disable-sync --window-size=900,800""".split()

MESSAGE = "Kett und Schuß: 経と緯 🧵"

# A mebibyte of every byte value in an order that is no pattern of the mask's four bytes, over a socket of its own.
ECHO_OF_A_MEBIBYTE = """
const done = arguments[0];
const sent = Uint8Array.from({length: 1024 * 1024}, (_, i) => (i * 31 + (i >> 8)) & 0xFF);
const ws = new WebSocket(`ws://${location.host}/`);
ws.binaryType = 'arraybuffer';
ws.onopen = () => ws.send(sent);
ws.onclose = event => done(`closed with ${event.code} before the echo`);
ws.onmessage = event => {
  const seen = new Uint8Array(event.data);
  ws.onclose = event => done({bytes: seen.length, same: sent.every((byte, i) => byte === seen[i]),
                              code: event.code, clean: event.wasClean});
  ws.close(1000);
};
"""


def checks(binary, screenshot):
    options = webdriver.ChromeOptions()
    with EchoServer(binary) as server, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
            options.add_argument(argument)
        browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        try:
            browser.set_page_load_timeout(PATIENCE)
            browser.set_script_timeout(PATIENCE)
            use(browser, server, screenshot)
        finally:
            browser.quit()


def use(browser, server, screenshot):
    def element(name):
        return browser.find_element(By.ID, name)

    def lines(kind):
        found = "return [...document.querySelectorAll(`#log .${arguments[0]}`)].map(line => line.textContent)"
        return browser.execute_script(found, kind)

    def wait_for(name, wanted, look):
        """Checks that `look` comes to see what is wanted."""
        try:
            WebDriverWait(browser, PATIENCE, poll_frequency=0.05).until(lambda _: look() == wanted)
        finally:
            check(name, wanted, look())

    browser.get(server.page)
    wait_for("the page opens its connection", "open", lambda: element("state").text)
    check("the page has its title", "weft echo", browser.title)

    element("message").send_keys("Hello")
    element("message").submit()
    element("message").click()
    browser.execute_cdp_cmd("Input.insertText", {"text": MESSAGE})  # send_keys() has none but the basic plane
    element("message").submit()
    wait_for("typed messages come back", ["Hello", MESSAGE], lambda: lines("theirs"))
    element("mebibyte").click()
    wait_for("so does 1 MiB", ["1,048,576 bytes of binary"], lambda: lines("theirs")[2:])

    expected = {"bytes": 1024 * 1024, "same": True, "code": 1000, "clean": True}
    check("1 MiB comes back unchanged", expected, browser.execute_async_script(ECHO_OF_A_MEBIBYTE))

    element("code").clear()
    element("code").send_keys("3001")
    element("reason").send_keys("das Tuch ist fertig")
    element("close").click()
    wait_for("the page closes its connection", "closed", lambda: element("state").text)
    ended = ["you close: code 3001, reason das Tuch ist fertig", "closed cleanly: code 3001, reason das Tuch ist fertig"]
    wait_for("the page says how it ended", ended, lambda: lines("note"))
    if screenshot:
        browser.save_screenshot(screenshot)

    errors = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    check("the browser's console has no error", [], errors)

    element("again").click()
    wait_for("the page connects again", "open", lambda: element("state").text)


if __name__ == "__main__":
    run(checks, "--screenshot")
