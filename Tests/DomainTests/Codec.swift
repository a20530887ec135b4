import Domain
import Foundation
import Testing

enum Codec {
    /// What is left of a value after it went through JSON.
    static func roundTrip<Value: Codable>(_ value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
    }
}

@Suite struct VideoMetadataTests {
    @Test("Written in the contract's words") func text() throws {
        var metadata = VideoMetadata()
        metadata.codecName = "prores"
        metadata.displayAspectRatio = .init(1.3333)
        metadata.averageFrameRate = .init(numerator: 24_000, denominator: 1001)
        metadata.scanning = .init(metadata: .init(.topFirst))
        #expect(
            try metadata.jsonText() == """
                {"averageFrameRate":{"frameRate":23.976,"rational":"24000:1001"},"codecName":"prores",\
                "displayAspectRatio":{"ratio":1.33,"tag":"4:3"},"scanning":{"metadata":"INTERLACED_TOP_FIRST"}}
                """)
        #expect(try Codec.roundTrip(metadata) == metadata)
    }
}
