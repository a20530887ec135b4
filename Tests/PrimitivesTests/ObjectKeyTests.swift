import Primitives
import Testing

@Suite struct ObjectKeyTests {
    @Test(
        "keys that could leave the store are refused",
        arguments: ["", "/a", "a/", "a//b", "..", "a/../b", "a/./b", ".", "a/..", "../a", "a b", "a\0", "ä", "a\\b"])
    func refused(text: String) {
        #expect(ObjectKey(text) == nil)
    }

    @Test("ordinary keys are kept as they are", arguments: ["a", "videos/1-2_3.mov", "a/...", ".b/c."])
    func accepted(text: String) throws {
        #expect(try #require(ObjectKey(text)).description == text)
    }
}
