import GPU
import Testing

@Suite struct DeviceSelectionTests {
    @Test(
        "the setting's text becomes a selection",
        arguments: [("", DeviceSelection.best), ("1", .index(1)), ("llvm", .named("llvm")), ("-1", .named("-1"))])
    func text(text: String, selection: DeviceSelection) {
        #expect(DeviceSelection(text) == selection)
    }

    @Test("a discrete device is preferred, whatever the order")
    func preference() throws {
        let real = try #require(try Instance().devices.first)
        var card = real
        card.index = 1
        card.kind = .discrete
        #expect(try DeviceSelection.best.pick(from: [real, card]).index == 1)
        card.missing = ["timeline semaphores"]
        #expect(try DeviceSelection.best.pick(from: [real, card]).index == 0)
        #expect(throws: GPUError.unsuitableDevice(name: card.name, missing: ["timeline semaphores"])) {
            try DeviceSelection.index(1).pick(from: [real, card])
        }
    }

    @Test("devices that are as good as the chosen one are told, where none was named")
    func equals() throws {
        let real = try #require(try Instance().devices.first)
        var cards = (0..<4).map { index in
            var card = real
            (card.index, card.kind) = (index, .discrete)
            return card
        }
        cards[1].missing = ["timeline semaphores"]
        cards[3].kind = .integrated
        let chosen = try DeviceSelection.best.pick(from: cards)
        #expect(chosen.index == 0)
        #expect(DeviceSelection.best.equals(of: chosen, among: cards).map(\.index) == [2])
        #expect(DeviceSelection.index(0).equals(of: chosen, among: cards).isEmpty)
        for index in cards.indices { cards[index].kind = .cpu }
        #expect(DeviceSelection.best.equals(of: cards[0], among: cards).isEmpty)
    }

    @Test("a device is found by a part of its name in any case")
    func byName() throws {
        let instance = try Instance()
        let real = try #require(instance.devices.first)
        #expect(try DeviceSelection(real.name.uppercased()).pick(from: instance.devices).index == 0)
    }

    @Test("a wish that names no device lists those there are")
    func unknown() throws {
        let instance = try Instance()
        #expect(throws: GPUError.unknownDevice(wish: "9", available: instance.devices.map(\.name))) {
            try instance.openDevice(.index(9))
        }
        #expect(throws: GPUError.noDevice(reason: "the Vulkan loader lists no device")) { try DeviceSelection.best.pick(from: []) }
    }

    @Test("the report marks the selected device and gives each a verdict")
    func report() throws {
        let report = DeviceReport.make()
        #expect(report.failure == nil)
        #expect(report.entries.filter(\.isSelected).count == 1)
        #expect(report.entries.allSatisfy { !$0.verdict.isEmpty })
        #expect(DeviceReport.make(selection: .named("no such device")).failure?.contains("no such device") == true)
    }
}
