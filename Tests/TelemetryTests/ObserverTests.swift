import Logging
import Telemetry
import Testing

@Suite struct ObserverTests {
    @Test("metadata accumulates on the way down and never flows back up")
    func metadata() {
        let parent = Observer(logger: Logger(label: "test"))
        let child = parent.with("job", 7)
        #expect(child.logger[metadataKey: "job"] == "7")
        #expect(parent.logger[metadataKey: "job"] == nil)
    }
}
