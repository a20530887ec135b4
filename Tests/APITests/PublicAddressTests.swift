import API
import Domain
import Foundation
import HTTP
import Testing

@Suite("Public address") struct PublicAddressTests {
    @Test(
        "Slashes at the end do not count, a path stays",
        arguments: [
            ("https://media.example.com", "https://media.example.com"), ("https://media.example.com/", "https://media.example.com"),
            ("https://media.example.com///", "https://media.example.com"), ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("HTTPS://Media.Example.com:443/", "https://media.example.com"), ("http://[::1]:8080", "http://[::1]:8080"),
            ("https://example.com/media/", "https://example.com/media"), ("http://server", "http://server"),
        ])
    func forms(text: String, base: String) throws {
        let request = try #require(HTTPRequest(.get, "/", headers: [.host: "internal:8080"]))
        #expect(try PublicAddress(text).base(for: request) == base)
        #expect(PublicAddress.ofEachRequest.base(for: request) == "http://internal:8080")
    }

    @Test(
        "What is no address of a server is refused with the reason",
        arguments: [
            ("media.example.com", "does not begin with http"), ("media.example.com:8080", "does not begin with http"),
            ("ftp://media.example.com", "does not begin with http"), ("https:media.example.com", "does not begin with http"),
            ("https://", "host"), ("https://media example.com", "malformed"), ("https://media.example.com:x", "malformed"),
            ("https://me@media.example.com", "User name"), ("https://media.example.com?a=b", "query"),
            ("https://media.example.com/#top", "fragment"),
        ])
    func refusals(text: String, reason: String) {
        do throws(PublicAddressRefusal) {
            _ = try PublicAddress(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.reason.contains(reason), "\(text): \(error.reason)")
        }
    }

    @Test("Links and the description begin with it, and lead to the server behind a proxy that takes its path away")
    func links() async throws {
        // The description that all tests share is read by the first harness: not by this one, which has an address of its own.
        try await APIHarness.with { _ in }
        var settings = APISettings()
        settings.address = try PublicAddress("https://example.com/media/")
        try await APIHarness.with(settings) { api in
            let video = try await api.importMaster()
            let url = try await api.call(.post, "/v1/videos/\(video)/out/https", expecting: 201).text("presignedUrl")
            #expect(url.hasPrefix("https://example.com/media/api/downloads/\(video)/"), "\(url)")
            try await api.send(.get, String(url.dropFirst("https://example.com/media".count)), expecting: 200)
            let document = try await api.send(.get, "/api/openapi.json", expecting: 200).json
            #expect(document["servers"]?.items?.first?["url"] == .string("https://example.com/media/api"))
            let page = try await api.send(.get, "/api/docs", expecting: 200)
            #expect(String(decoding: page.bytes, as: UTF8.self).contains("href=\"openapi.json\""))
        }
    }
}
