import GPU
import Networks
import Testing

@Suite struct ValidationTests {
    @Test("the validation layer has nothing to say about networks, whole and in tiles, in one submission and in many")
    func networks() async throws {
        let instance = try Instance(validation: .whenInstalled)
        try #require(instance.isValidating, "Scripts/setup installs vulkan-validationlayers")
        for limit in [DeviceOptions().largestSubmission, 1e5] {
            let device = try instance.openDevice(options: DeviceOptions(largestSubmission: limit))
            let restoration = try await NetworkEngine(EngineTests.restoration(), on: device)
            let inputs = [Noise.tensor([1, 40, 60]), Noise.tensor([4, 20, 30])]
            for tiles in [(across: 1, down: 1), (across: 2, down: 2)] {
                _ = try await restoration.plan(width: 60, height: 40, tiles: tiles).run(inputs)
            }
            _ = try await NetworkEngine(EngineTests.superResolution(), on: device).plan(width: 33, height: 21).run(
                [Noise.tensor([1, 21, 33])])
        }
        // Devices are closed here: what they left open would be told too.
        #expect(instance.validationMessages == [])
    }
}
