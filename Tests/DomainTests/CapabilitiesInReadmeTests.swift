import Domain
import Foundation
import Testing

@Suite struct CapabilitiesInReadmeTests {
    @Test("README says what is missing, and of nothing else that it is") func missing() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let item = try #require(text.components(separatedBy: "\n- ").first { $0.hasPrefix("Missing are ") }?.prefix { $0 != "." })
        let options = Capabilities.current.options
        // The profiles of DNxHD 4:4:4 are named together.
        let missing = Set(options.flatMap(\.missing).filter { !($0.hasPrefix("DNXHD_") && $0.hasSuffix("_444")) })
        let available = Set(options.flatMap(\.available))
        let named = Set(item.matches(of: /`([A-Z0-9]+)`/).map { String($0.1) })
        #expect(named.subtracting(available) == missing)
        let hasProfiles = options.contains { $0.name == "encodingProfile" && $0.missing.contains { $0.hasSuffix("_444") } }
        #expect(item.contains("DNxHD 4:4:4") == hasProfiles)
    }
}
