import Domain
import Picture
import Testing

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
        #expect(try RoundTrip.through(metadata) == metadata)
    }
}
