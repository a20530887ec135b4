/// Which device of the machine to use.
package enum DeviceSelection: Sendable, Equatable {
    /// The usable device that is likely fastest: discrete, then integrated, virtual, CPU; the first of equals.
    case best
    /// Place in the loader's list, from 0.
    case index(Int)
    /// The first device whose name or driver contains this text, in any case.
    case named(String)

    /// Reads a setting: empty text is `best`, digits an index, anything else part of a name.
    package init(_ text: String) {
        if text.isEmpty {
            self = .best
        } else if let index = Int(text), index >= 0 {
            self = .index(index)
        } else {
            self = .named(text)
        }
    }

    /// The device that is meant, among those of this machine.
    ///
    /// - Throws: `noDevice` when there is none, `unknownDevice` when none is meant, `unsuitableDevice` when the one that
    ///   is meant lacks something.
    package func pick(from devices: [DeviceDescription]) throws(GPUError) -> DeviceDescription {
        guard !devices.isEmpty else { throw .noDevice(reason: "the Vulkan loader lists no device") }
        let chosen: DeviceDescription?
        let wish: String
        switch self {
        case .best:
            let usable = devices.filter(\.missing.isEmpty)
            chosen = usable.min { ($0.kind.rank, $0.index) < ($1.kind.rank, $1.index) } ?? devices.first
            wish = "best"
        case .index(let index):
            chosen = devices.first { $0.index == index }
            wish = "\(index)"
        case .named(let text):
            let folded = text.lowercased()
            chosen = devices.first { $0.name.lowercased().contains(folded) || $0.driver.lowercased().contains(folded) }
            wish = text
        }
        guard let chosen else { throw .unknownDevice(wish: wish, available: devices.map(\.name)) }
        guard chosen.missing.isEmpty else { throw .unsuitableDevice(name: chosen.name, missing: chosen.missing) }
        return chosen
    }

    /// Devices that might as well have been picked: nobody named one, and they are of the chosen one's kind. Software devices do
    /// not count, which all run on the same processors.
    package func equals(of chosen: DeviceDescription, among devices: [DeviceDescription]) -> [DeviceDescription] {
        guard self == .best, chosen.kind != .cpu else { return [] }
        return devices.filter { $0.kind == chosen.kind && $0.missing.isEmpty && $0.index != chosen.index }
    }
}

extension DeviceKind {
    /// Order of preference, the smallest first.
    fileprivate var rank: Int {
        switch self {
        case .discrete: 0
        case .integrated: 1
        case .virtual: 2
        case .cpu: 3
        case .other: 4
        }
    }
}
