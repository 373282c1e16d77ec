import Testing

@testable import Webhooks

@Suite("The URL of an endpoint")
struct WebhookTargetTests {
    @Test(
        "a URL is taken apart",
        arguments: [
            ("https://example.com", "https://example.com/"),
            ("HTTPS://Example.COM:443/Hooks?a=B&c=%2f", "https://example.com/Hooks?a=B&c=%2f"),
            ("https://example.com.:8443/x", "https://example.com:8443/x"),
            ("https://example.com?x=1", "https://example.com/?x=1"),
            ("http://127.0.0.1:80//a/../b", "http://127.0.0.1//a/../b"),
            ("https://[2001:DB8::1]:444/", "https://[2001:db8::1]:444/"),
            ("https://2130706433/", "https://2130706433/"), ("https://0x7F.1", "https://0x7f.1/"),
            ("https://a_b.example/~x/@me:1,2;3", "https://a_b.example/~x/@me:1,2;3"),
            ("https://example.com:65535/", "https://example.com:65535/"),
        ])
    func parts(url: String, standard: String) throws {
        let target = try WebhookTarget(url)
        #expect(target.description == standard)
        #expect(try WebhookTarget(standard) == target)
    }

    @Test(
        "a bad URL is refused, with what is wrong",
        arguments: [
            ("", "https://"), ("example.com", "https://"), ("https:example.com", "https://"),
            ("https:/example.com", "https://"), ("ftp://example.com", "https://"),
            ("file:///etc/passwd", "https://"), ("https+unix://%2Frun/x", "https://"),
            ("https://", "host"), ("https:///x", "host"), ("https://?x", "host"),
            ("https://.", "host"),
            ("https://.example.com", "host"), ("https://a..b", "host"),
            ("https://example.com..", "host"),
            ("https://exa%6dple.com", "host"), ("https://exa\\mple.com", "host"),
            ("https://[::1", "host"), ("https://[]", "host"), ("https://[127.0.0.1]", "host"),
            ("https://[fe80::1%25lo]", "host"), ("https://[::1]x", "port"), ("https://::1", "host"),
            ("https://user@example.com", "user"), ("https://user:secret@example.com/x", "user"),
            ("https://example.com\\@10.0.0.1/", "user"),
            ("https://example.com/#x", "fragment"), ("https://example.com#@10.0.0.1", "fragment"),
            ("https://example.com:", "port"), ("https://example.com:0", "port"),
            ("https://example.com:65536", "port"), ("https://example.com:+80", "port"),
            ("https://example.com:80:80", "port"),
            ("https://example.com:99999999999999999999", "port"),
            ("https://example.com/a b", "ASCII"), (" https://example.com", "ASCII"),
            ("https://example.com/\r\nX: y", "ASCII"), ("https://b\u{fc}cher.example", "xn--"),
            ("https://example.com/<", "percent-encoded"),
            ("https://example.com/[x]", "percent-encoded"),
            ("https://example.com/%", "percent-encoded"),
            ("https://example.com/%2", "percent-encoded"),
            ("https://example.com/%zz", "percent-encoded"),
            ("https://example.com/?a|b", "percent-encoded"),
            ("https://example.com/" + String(repeating: "x", count: 2_029), "2048"),
            ("https://" + String(repeating: "x", count: 254), "host"),
        ])
    func refused(url: String, reason: String) {
        let error = #expect(throws: WebhookTargetError.self) { try WebhookTarget(url) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.isTransient == false)
    }

    @Test("the longest URL is one")
    func longest() throws {
        let url = "https://example.com/" + String(repeating: "x", count: 2_028)
        #expect(try WebhookTarget(url).description == url)
    }

    private func vet(
        _ url: String, _ resolver: ScriptedResolver, allowed: [String] = []
    ) async throws -> VettedTarget {
        let policy = AddressPolicy(allowed: try allowed.map { try CIDR($0) })
        return try await WebhookTarget.vet(url, resolver: resolver, policy: policy)
    }

    @Test("public addresses are vetted, all of them, in their order")
    func vetted() async throws {
        let resolver = ScriptedResolver(["8.8.8.8", "2606:4700::1111"])
        let vetted = try await vet("https://Example.com/x", resolver)
        #expect(vetted.addresses.map(\.description) == ["8.8.8.8", "2606:4700::1111"])
        #expect(vetted.target.description == "https://example.com/x")
        #expect(resolver.hosts == ["example.com"])
    }

    @Test(
        "one private address among public ones is enough to refuse, wherever it stands",
        arguments: [
            ["10.0.0.3"], ["10.0.0.3", "8.8.8.8"], ["8.8.8.8", "2606:4700::1111", "10.0.0.3"],
        ])
    func privateAddress(addresses: [String]) async {
        let error = await #expect(throws: WebhookTargetError.self) {
            try await vet("https://example.com", ScriptedResolver(addresses))
        }
        let reason = "resolves to 10.0.0.3, a private address (10.0.0.0/8); only public addresses"
        #expect(error?.description.hasPrefix(reason) == true, "\(String(describing: error))")
        #expect(error?.description.contains("unless the operator") == true)
        #expect(error?.isTransient == false)
    }

    @Test("the name says nothing: a public one may lead to this machine, and the other way round")
    func names() async throws {
        await #expect(throws: WebhookTargetError.self) {
            try await vet("https://8.8.8.8", ScriptedResolver(["127.0.0.1"]))
        }
        _ = try await vet("https://localhost", ScriptedResolver(["8.8.8.8"]))
    }

    @Test("http is for allowed blocks: every address must lie in one")
    func inTheClear() async throws {
        let block = ["127.0.0.0/8"]
        _ = try await vet("http://localhost", ScriptedResolver(["127.0.0.1"]), allowed: block)
        for addresses in [["8.8.8.8"], ["127.0.0.1", "8.8.8.8"]] {
            let error = await #expect(throws: WebhookTargetError.self) {
                let resolver = ScriptedResolver(addresses)
                _ = try await vet("http://example.com", resolver, allowed: block)
            }
            #expect(error?.description.contains("must begin with https://, since") == true)
        }
    }

    @Test("a host that is not found may be found later")
    func notFound() async {
        for resolver in [ScriptedResolver(), ScriptedResolver([])] {
            let error = await #expect(throws: WebhookTargetError.self) {
                try await vet("https://example.com", resolver)
            }
            #expect(error?.isTransient == true)
        }
    }

    @Test("a host of very many addresses is refused")
    func manyAddresses() async throws {
        let many = (0...64).map { "8.8.8.\($0)" }
        _ = try await vet("https://example.com", ScriptedResolver(many.dropLast()))
        await #expect(throws: WebhookTargetError.self) {
            try await vet("https://example.com", ScriptedResolver(many))
        }
    }
}
