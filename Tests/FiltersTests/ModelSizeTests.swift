import Filters
import Foundation
import GPU
import Networks
import Testing

/// Which size of the scaler's networks a job is planned with.
@Suite(.serialized) struct ModelSizeTests {
    private static func model(_ name: String, _ ratio: Int, _ size: ModelSize?, work: Double = 1000) -> FilterModels.Scaling {
        FilterModels.Scaling(
            identity: ModelIdentity(name: name, version: "1", recipeSHA256: "0", size: size), variant: .fineTuning, ratio: ratio,
            macPerSample: work)
    }

    private let models = FilterModels(
        scaling: [
            model("x2", 2, .cpu), model("x2_gpu", 2, .gpu, work: 30_000), model("x1_gpu", 1, .gpu, work: 9000), model("x3", 3, .cpu),
        ])

    private func names(_ size: ModelSize, _ ratio: Double) -> [String] {
        var models = models
        models.size = size
        return models.chain(variant: .fineTuning, ratio: ratio).map(\.identity.name)
    }

    @Test("a chain takes the size asked for, and the only one where there is one")
    func chains() {
        #expect(names(.cpu, 2) == ["x2"] && names(.gpu, 2) == ["x2_gpu"])
        #expect(names(.cpu, 3) == ["x3"] && names(.gpu, 3) == ["x3"])
        #expect(names(.cpu, 6) == ["x3", "x2"] && names(.gpu, 6) == ["x3", "x2_gpu"])
        #expect(names(.cpu, 1) == ["x1_gpu"])
        #expect(models.chain(variant: .fineTuning, ratio: 2).map(\.size) == [.cpu])
    }

    @Test("the larger network with the most work is what devices are measured by")
    func yardstick() {
        #expect(models.yardstick?.identity.name == "x2_gpu")
        #expect(FilterModels(scaling: [Self.model("x2", 2, .cpu)]).yardstick == nil)
    }

    @Test("what was configured goes before what was measured, and that before the device's kind")
    func choices() throws {
        var device = try TestDevice.get().description
        let network = try #require(models.yardstick).identity
        func size(_ record: SpeedRecord = SpeedRecord(), asked: ModelSize? = nil) -> ModelSize {
            ModelSizeChoice(asked: asked, device: device, record: record, models: models).size
        }
        func record(_ seconds: Double) -> SpeedRecord {
            SpeedRecord([NetworkSpeed(of: device, network: network, secondsPerMegapixel: seconds)])
        }
        for (kind, wanted) in [(DeviceKind.cpu, ModelSize.cpu), (.integrated, .cpu), (.other, .cpu), (.virtual, .gpu), (.discrete, .gpu)] {
            device.kind = kind
            #expect(size() == wanted, "\(kind)")
            #expect(size(record(NetworkSpeed.limit)) == .gpu && size(record(NetworkSpeed.limit * 1.01)) == .cpu, "\(kind)")
            #expect(size(record(9), asked: .gpu) == .gpu && size(record(0.001), asked: .cpu) == .cpu, "\(kind)")
        }
        device.kind = .cpu
        let fast = record(0.001)
        device.driver += " newer"
        #expect(size(fast) == .cpu, "a measurement holds for the driver that it was made with")
        let none = ModelSizeChoice(asked: nil, device: nil, record: fast, models: models)
        #expect(none.size == .cpu && none.reason.contains("no Vulkan device"))
        let small = FilterModels(scaling: [Self.model("x2", 2, .cpu)])
        #expect(ModelSizeChoice(asked: nil, device: device, record: fast, models: small).size == .cpu)
    }

    @Test("a measurement is kept until the device is measured again, and decides the same each time")
    func record() async throws {
        let folder = NSTemporaryDirectory() + "remaster-speeds-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try SpeedRecord(folder: folder) == SpeedRecord())
        let device = try TestDevice.get()
        let models = try FilterModels.bundled()
        let measured = try #require(try await NetworkSpeed.measure(on: device, models: models))
        #expect(measured.secondsPerMegapixel > 0 && measured.network == models.yardstick?.identity)
        var record = SpeedRecord()
        record.set(NetworkSpeed(of: device.description, network: measured.network, secondsPerMegapixel: 77))
        record.set(measured)
        try record.write(folder: folder)
        let read = try SpeedRecord(folder: folder)
        #expect(read.speeds == [measured])
        #expect(read.speed(of: device.description, network: measured.network) == measured)
        let choice = ModelSizeChoice(asked: nil, device: device.description, record: read, models: models)
        #expect(choice.size == measured.size && choice.reason.contains(measured.network.name))
        try Data("{}".utf8).write(to: URL(filePath: SpeedRecord.path(folder)))
        #expect(throws: DecodingError.self) { try SpeedRecord(folder: folder) }
    }

    @Test("every network of this build is among those by which a job's plan is known to be its own")
    func identities() throws {
        #expect(try FilterModels.bundled().identities.map(\.name).sorted() == ModelLibrary.names.sorted())
    }

    @Test("every larger network of this build stands beside a smaller one")
    func bundled() throws {
        let models = try FilterModels.bundled()
        for large in models.scaling where large.size == .gpu {
            let small = try #require(models.scaling.first { $0.size == .cpu && ($0.variant, $0.ratio) == (large.variant, large.ratio) })
            #expect(large.macPerSample > small.macPerSample && large.identity.name == small.identity.name + "_gpu")
        }
    }
}
