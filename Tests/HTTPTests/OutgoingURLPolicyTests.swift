import HTTP
import Testing

@Suite struct OutgoingURLPolicyTests {
    /// Hosts that must never be reached, in every spelling.
    static let hosts = [
        "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0",
        "127.255.255.254", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
        "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001::1]", "[2001:db8::1]", "[3fff::1]", "[5f00::1]", "[100::1]",
        "[fe80::1%25lo]", "[fe80::1]", "[fec0::1]", "[fc00::1]", "[ff02::1]", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1",
        "100.64.0.1", "100.100.100.200", "169.254.169.254", "[fd00:ec2::254]", "169.254.170.2", "metadata.google.internal", "198.18.0.1",
        "198.19.255.255", "192.0.0.192", "192.0.2.1", "198.51.100.1", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
        "255.255.255.255", "localhost", "LOCALHOST.", "LocalHost", "foo.localhost", "printer.local", "db.internal", "x.home.arpa",
        "good@127.0.0.1", "127.0.0.1#@good.example", "good.example\\@127.0.0.1", "127.0.0.1%2f@good.example", "１２７.0.0.1", "①②⑦.0.0.1",
        "127。0。0。1", "example.com.", "exam ple.com", "example..com", "-a.example", "a-.example", "ex%61mple.com", "[::1", "::1",
        "[127.0.0.1]", "127.0.0.1.", "1.2.3.4.5", "256.1.1.1", "1.1.1", "a.0x7f", "", ".", "a,b", "\u{7f}.example", "x\r\ny.example",
    ]

    @Test("dangerous hosts are refused for imports and webhooks alike", arguments: hosts)
    func dangerousHost(host: String) {
        for schemes in [OutgoingURLPolicy.Schemes.httpsOnly, .httpsUnlessPrivate] {
            let policy = OutgoingURLPolicy(schemes: schemes)
            #expect(throws: URLRefusal.self) { try policy.check("https://\(host)/clip.mov") }
            #expect(throws: URLRefusal.self) { try policy.check("http://\(host)/clip.mov") }
        }
    }

    @Test(
        "dangerous URLs are refused for the right reason",
        arguments: [
            ("http://example.com/", URLRefusal.scheme("http")), ("file:///etc/passwd", .scheme("file")),
            ("gopher://example.com/", .scheme("gopher")),
            ("ftp://example.com/", .scheme("ftp")), ("data:text/plain,x", .scheme("data")), ("https:example.com", .malformed),
            ("//example.com/", .malformed), ("example.com", .malformed), ("", .malformed), ("https://example.com:8443/", .port(8443)),
            ("https://example.com:80/", .port(80)), ("https://example.com:22/", .port(22)), ("https://example.com:0/", .malformed),
            ("https://example.com:65536/", .malformed), ("https://example.com:/", .malformed), ("https://example.com:x/", .malformed),
            ("https://user@example.com/", .userInfo), ("https://user:pw@example.com/", .userInfo), ("https://@example.com/", .userInfo),
            ("https://127.0.0.1/", .address("127.0.0.1")), ("https://[::1]/", .address("::1")),
            ("https://2130706433/", .host("2130706433")),
            ("https://localhost/", .reservedName("localhost")), ("https://example.com/a\r\nHost: x", .malformed),
            ("https://example.com/a b", .malformed), ("https://exämple.com/", .malformed), ("https:///x", .host("")),
        ])
    func dangerousURL(url: String, refusal: URLRefusal) {
        #expect(throws: refusal) { try OutgoingURLPolicy().check(url) }
    }

    @Test("public URLs pass and are rebuilt from their parts")
    func publicURLs() throws {
        let policy = OutgoingURLPolicy()
        let url = try policy.check("HTTPS://Media.Example.com:443/a%20b/clip.mov?sig=a%2Bb#part")
        #expect(url.description == "https://media.example.com/a%20b/clip.mov?sig=a%2Bb")
        #expect(url.lastPathSegment == "clip.mov")
        #expect(try policy.check("https://example.com").description == "https://example.com/")
        #expect(try policy.check("https://example.com?x=/../y").pathAndQuery == "/?x=/../y")
        #expect(try policy.check("https://1.1.1.1/").address == IPAddress("1.1.1.1"))
        #expect(try policy.check("https://[2606:4700::1111]/x").description == "https://[2606:4700::1111]/x")
        #expect(try policy.check("https://xn--exmple-cua.com/").host == "xn--exmple-cua.com")
        #expect(try policy.check("https://1password.com/").host == "1password.com")
    }

    @Test("the setting for private networks lifts addresses, names and ports, and the scheme only where that is wanted")
    func privateNetworks() throws {
        let imports = OutgoingURLPolicy(allowPrivateNetworks: true)
        #expect(try imports.check("https://127.0.0.1:8443/x").port == 8443)
        #expect(try imports.check("https://localhost:1/x").host == "localhost")
        #expect(throws: URLRefusal.scheme("http")) { try imports.check("http://127.0.0.1/") }
        #expect(throws: URLRefusal.userInfo) { try imports.check("https://a@127.0.0.1/") }
        #expect(throws: URLRefusal.scheme("file")) { try imports.check("file:///etc/passwd") }
        let webhooks = OutgoingURLPolicy(allowPrivateNetworks: true, schemes: .httpsUnlessPrivate)
        #expect(try webhooks.check("http://[::1]:9000/hook").authority == "[::1]:9000")
    }

    @Test(
        "resolved addresses are judged one by one",
        arguments: [
            ("8.8.8.8", true), ("1.0.0.1", true), ("172.15.255.255", true), ("172.32.0.1", true), ("100.63.255.255", true),
            ("100.128.0.1", true), ("198.17.255.255", true), ("198.20.0.1", true), ("223.255.255.255", true), ("192.0.1.1", true),
            ("2606:4700:4700::1111", true), ("2a00:1450:4001::200e", true), ("2001:4860:4860::8888", true), ("2001:200::1", true),
            ("::ffff:8.8.8.8", false), ("64:ff9b::808:808", false), ("2002:808:808::1", false), ("2001:1ff::1", false), ("4000::1", false),
            ("1fff::1", false), ("fd12::1", false), ("3fff:fff::1", false), ("3ffe::1", false), ("0.1.2.3", false),
        ])
    func addresses(text: String, isGlobal: Bool) throws {
        #expect(try #require(IPAddress(text)).isGlobalUnicast == isGlobal)
    }
}
