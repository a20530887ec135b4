import Domain
import Testing

@Suite struct JSONTests {
    @Test(
        "A text comes back as it was",
        arguments: [
            "null", "true", "[1,2.5,-3,\"x\"]", "{\"a\":{\"b\":[]},\"c\":\"\\u0001\\n\\\"\\\\\"}", "9223372036854775807", "1e+300",
            "\"é😀\"",
        ])
    func roundTrip(text: String) throws {
        #expect(try JSON(parsing: text).description == text)
    }

    @Test("Whole numbers are written without a fraction") func wholeNumbers() throws {
        #expect(try JSON(parsing: "[800.0,0.005,1e2]").description == "[800,0.005,100]")
        #expect(JSON.number(1.25).description == "1.25")
    }

    @Test(
        "Whole numbers at and beyond the ends of 64 bits are written",
        arguments: [
            ("-9223372036854775809", "-9.223372036854776e+18"), ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775808", "9.223372036854776e+18"), ("-9223372036854775808.0", "-9.223372036854776e+18"),
            ("-9007199254740991.0", "-9007199254740991"),
        ])
    func largeNumbers(text: String, written: String) throws {
        let value = try JSON(parsing: text)
        #expect(value.description == written)
        #expect(try JSON(parsing: value.description).description == written)
    }

    @Test(
        "What is not JSON is refused, with the place",
        arguments: [
            ("", 0), ("{", 1), ("{\"a\":1,}", 7), ("[1 2]", 3), ("01", 1), ("+1", 0), ("1.", 2), ("\"a", 2), ("\"\\x\"", 2), ("nul", 3),
            ("{\"a\":1,\"a\":2}", 10), ("1 1", 2), ("'a'", 0), ("\"\t\"", 1), ("1e999", 0), ("\"\\ud800\"", 3), ("{a:1}", 1),
            ("\u{FEFF}1", 0),
        ])
    func syntaxErrors(text: String, offset: Int) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text) }
        #expect(error?.byteOffset == offset, "\(text): \(error.map { "\($0)" } ?? "")")
    }

    @Test("Broken UTF-8 and the character 0 are refused") func characters() {
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: "\"\\u0000\"") }
    }

    @Test("Nesting is bounded, so that hostile texts cannot exhaust the stack") func depth() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: deep) }
        #expect(throws: Never.self) { try JSON(parsing: String(repeating: "[", count: 64) + String(repeating: "]", count: 64)) }
    }

    @Test("Members of an object are bounded, so that comparing their names cannot take long") func members() throws {
        func object(_ count: Int) -> String { "{" + (0..<count).map { "\"\($0)\":0" }.joined(separator: ",") + "}" }
        #expect(try JSON(parsing: object(1000)) != .null)
        let error = #expect(throws: JSONSyntaxError.self) { try JSON(parsing: object(100_000)) }
        #expect(error?.reason == "an object has more than 1000 members")
    }

    @Test(
        "A stored document is written as it stands, without the spaces between its tokens",
        arguments: [
            (#"{"a": 1, "b": [true, null], "c": {}}"#, #"{"a":1,"b":[true,null],"c":{}}"#), (#""a b""#, #""a b""#),
            (#"{"a b": "say \"x , y\" \\", "c": "d : e"}"#, #"{"a b":"say \"x , y\" \\","c":"d : e"}"#), ("1.50", "1.50"),
        ])
    func verbatim(stored: String, written: String) throws {
        let whole = JSON.members(["document": .verbatim(stored), "after": .integer(1)])
        #expect(whole.description == #"{"document":\#(written),"after":1}"#)
        #expect(try JSON(parsing: whole.utf8)["document"] == JSON(parsing: stored))
    }

    @Test("Absent members are left out") func absent() {
        #expect(JSON.members(["a": nil, "b": .integer(1)]).description == "{\"b\":1}")
    }

    @Test("Damaged texts are refused or read, never more; what is read comes back") func fuzz() throws {
        let seeds = [ProcessingOptionsReadingTests.everything, "[-0.5e-3,{\"\\ud83d\\ude00\":[null,true,false]},\"é\"]"].map {
            Array($0.utf8)
        }
        var generator = SplitMix64(state: 20_260_304)
        var read = 0
        for round in 0..<20_000 {
            var text = seeds[round % seeds.count]
            for _ in 0...Int.random(in: 0...3, using: &generator) {
                let place = Int.random(in: 0..<text.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: text[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: text.remove(at: place)
                default: text.insert(contentsOf: text[place...].prefix(3), at: place)
                }
            }
            do {
                let value = try JSON(parsing: text)
                // By text: 2.0 is written as 2, and read back as a whole number.
                #expect(try JSON(parsing: value.utf8).description == value.description)
                read += 1
            } catch {
                #expect((0...text.count).contains(error.byteOffset))
            }
        }
        #expect(read > 100, "some damage leaves the text whole")
    }
}

/// A small generator with a seed (Steele, Lea and Flood, 2014), so that a failure comes again.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
