import Foundation
import HTTP
import ObjectStorage
import Testing
import Transfer

@Suite struct FullDiskTests {
    @Test("a copy that does not fit says so, takes none of the room that is left, and is made once it fits")
    func tooLarge() async throws {
        let content = bytes(5000)
        let source = TestSource(content)
        var disk = statvfs()
        #expect(statvfs(FileManager.default.temporaryDirectory.path, &disk) == 0)
        // More than is free, and no more than would be if nothing else lay there.
        let size = Int(disk.f_blocks * disk.f_frsize)
        source.behave { _, range, _ in
            HTTPResponse(
                .partialContent,
                headers: [.contentType: "video/quicktime", .contentRange: "bytes 0-0/\(size)", .etag: "\"v1\""],
                body: .bytes(Array(content.prefix(range.count))))
        }
        try await Scene.with(source) { scene in
            let copy = scene.copy {
                $0.maximumBytes = .max
                $0.pieceBytes = 1 << 40
            }
            for _ in 0..<3 {
                let error = await failure { () async throws(TransferError) in _ = try await copy.run() }
                guard case .diskFull? = error else { Issue.record("\(String(describing: error))"); return }
                #expect(error?.storageRefusal == .full)
                #expect(scene.content(".part") == [])
            }
            source.behave(nil)
            source.replace(content, tag: "\"v2\"")
            _ = try await scene.copy().run()
            #expect(scene.content() == content)
        }
    }

    @Test("a copy that is larger than the whole disk does not wait for room")
    func neverFits() async throws {
        let source = TestSource(bytes(10))
        source.behave { _, range, _ in
            HTTPResponse(
                .partialContent,
                headers: [.contentType: "video/quicktime", .contentRange: "bytes 0-0/\(1 << 50)", .etag: "\"v1\""],
                body: .bytes([0]))
        }
        try await Scene.with(source) { scene in
            let copy = scene.copy {
                $0.maximumBytes = .max
                $0.pieceBytes = 1 << 40
            }
            let error = await failure { () async throws(TransferError) in _ = try await copy.run() }
            guard case .tooLarge? = error else { Issue.record("\(String(describing: error))"); return }
            #expect(error?.isRetryable == false && error?.storageRefusal == nil)
        }
    }
}
