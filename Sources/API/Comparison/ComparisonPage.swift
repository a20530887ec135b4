import Crypto
import Foundation

/// Two videos of one picture, one over the other with a line between them that can be moved. The page holds everything it
/// needs but the two videos, which come from the same server.
struct ComparisonPage {
    /// One half.
    struct Side {
        let title: String
        /// Relative to the page.
        let source: String
    }

    let left: Side
    let right: Side

    /// Lets the page's own script and style run, the server's videos play, and nothing else.
    static let policy: String = {
        let digest = Data(SHA256.hash(data: Data(script.utf8))).base64EncodedString()
        return "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; script-src 'sha256-\(digest)'; frame-ancestors 'none'"
    }()

    var html: String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>\(Self.escaped(left.title)) | \(Self.escaped(right.title))</title>
        <style>\(Self.style)</style></head>
        <body>
        <header><span>\(Self.escaped(left.title))</span><span>\(Self.escaped(right.title))</span></header>
        <main id="stage">
        <video id="right" src="\(Self.escaped(right.source))" preload="auto" playsinline muted></video>
        <video id="left" src="\(Self.escaped(left.source))" preload="auto" playsinline></video>
        <div id="line"></div>
        </main>
        <footer><button id="play" type="button">Play</button>
        <label>Time <input id="time" type="range" min="0" max="1" step="any" value="0"></label>
        <label>Line <input id="split" type="range" min="0" max="100" step="0.1" value="50"></label>
        <button id="back" type="button">-1 frame</button><button id="forward" type="button">+1 frame</button></footer>
        <script>\(Self.script)</script>
        </body></html>
        """
    }

    private static let style = """
        body{margin:0;background:#111;color:#ddd;font:15px system-ui,sans-serif;display:flex;flex-direction:column;height:100vh}
        header,footer{display:flex;gap:1em;justify-content:space-between;padding:.6em 1em;align-items:center}
        label{flex:1;display:flex;gap:.5em}input{flex:1}
        main{position:relative;flex:1;min-height:0;overflow:hidden;cursor:ew-resize}
        video{position:absolute;inset:0;width:100%;height:100%;object-fit:contain}
        #left{clip-path:inset(0 50% 0 0)}#line{position:absolute;top:0;bottom:0;left:50%;width:2px;background:#fff}
        """

    /// The left video leads; the right one is brought back to it when they drift apart by more than a frame.
    private static let script = """
        "use strict";
        const one = id => document.getElementById(id);
        const [left, right, stage] = [one("left"), one("right"), one("stage")];
        const frame = 1 / 25;
        const show = share => {
          const percent = Math.min(100, Math.max(0, share));
          left.style.clipPath = `inset(0 ${100 - percent}% 0 0)`;
          one("line").style.left = `${percent}%`;
          one("split").value = percent;
        };
        const seek = seconds => { left.currentTime = seconds; right.currentTime = seconds; };
        const toggle = () => {
          if (left.paused) { right.currentTime = left.currentTime; left.play(); right.play(); }
          else { left.pause(); right.pause(); right.currentTime = left.currentTime; }
        };
        left.addEventListener("loadedmetadata", () => { one("time").max = left.duration; });
        left.addEventListener("timeupdate", () => {
          one("time").value = left.currentTime;
          if (Math.abs(left.currentTime - right.currentTime) > frame) right.currentTime = left.currentTime;
        });
        left.addEventListener("play", () => { one("play").textContent = "Pause"; });
        left.addEventListener("pause", () => { one("play").textContent = "Play"; right.pause(); });
        one("play").addEventListener("click", toggle);
        one("time").addEventListener("input", event => seek(Number(event.target.value)));
        one("split").addEventListener("input", event => show(Number(event.target.value)));
        one("back").addEventListener("click", () => { left.pause(); seek(Math.max(0, left.currentTime - frame)); });
        one("forward").addEventListener("click", () => { left.pause(); seek(left.currentTime + frame); });
        stage.addEventListener("pointermove", event => {
          if (event.buttons === 0) return;
          const area = stage.getBoundingClientRect();
          show((event.clientX - area.left) / area.width * 100);
        });
        document.addEventListener("keydown", event => { if (event.key === " " && event.target.tagName !== "BUTTON") toggle(); });
        """

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
