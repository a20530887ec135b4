import HTTP
import Testing

@Suite struct MessageTests {
    @Test("header values cannot end their field")
    func injection() {
        var headers: HeaderFields = ["X-A": "a\r\nSet-Cookie: b\u{0}"]
        #expect(headers["x-a"] == "a  Set-Cookie: b ")
        headers["X-B"] = "1\n2"
        #expect(headers["X-B"] == "1 2")
        // A variable: a literal would be the unchecked kind.
        for text in ["X A", "", "A:", "A\n", "é"] {
            #expect(HeaderName(text) == nil)
            #expect(HTTPMethod(text) == nil)
        }
    }

    @Test("setting a field replaces all of its name; order stays")
    func fields() {
        var headers: HeaderFields = ["A": "1", "B": "2", "a": "3"]
        #expect(headers.values("A") == ["1", "3"])
        headers["a"] = "4"
        #expect(headers.map(\.value) == ["4", "2"])
        headers["A"] = nil
        #expect(headers.count == 1)
        headers.append("B", "x, ,y")
        #expect(headers.list("b") == ["2", "x", "y"])
    }

    @Test("queries are percent-decoded and keep their plus signs")
    func query() throws {
        let request = try #require(HTTPRequest(.get, "/p?a=1%2B2+3&b&c=&&%C3%A9=%26"))
        #expect(request.query("a") == "1+2+3")
        #expect(request.query("b") == "")
        #expect(request.query("c") == "")
        #expect(request.query("d") == nil)
        #expect(request.query("é") == "&")
        #expect(request.query.count == 4)
    }

    @Test(
        "dates are written as IMF-fixdate and read in all three forms",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
        ])
    func dates(seconds: Int, text: String) {
        #expect(HTTPDate.text(seconds) == text)
        #expect(HTTPDate.seconds(text) == seconds)
    }

    @Test("obsolete dates are read, nonsense is not")
    func oldDates() {
        #expect(HTTPDate.seconds("Sunday, 06-Nov-94 08:49:37 GMT") == 784_111_777)
        #expect(HTTPDate.seconds("Sun Nov  6 08:49:37 1994") == 784_111_777)
        for text in ["", "now", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 6x Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT"] {
            #expect(HTTPDate.seconds(text) == nil)
        }
    }
}
