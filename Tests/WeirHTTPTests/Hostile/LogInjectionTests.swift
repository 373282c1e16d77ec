import StrictJSON
import Testing

/// No caller writes a log line of its own.
@Suite("log injection")
struct LogInjectionTests {
    private static let forged = "x\r\nerror forged-7f3a by=me"

    @Test("nothing that callers choose breaks a log line, whatever route it comes by")
    func lines() async throws {
        let server = try await TestServer()
        let (admin, forged) = (server.admin, Self.forged)
        let text = JSONValue.string(forged)
        _ = try await admin.createTenant(["id": "acme", "reason": text])
        _ = try await admin.createTenant(["id": text])
        _ = try await admin.createTenant(["id": "b", "name": text])
        _ = try await admin.patchTenant("acme", ["reason": text])
        _ = try await admin.patchTenant(forged, ["reason": text])
        _ = try await admin.override(["limit": 1, "reason": text])
        _ = try await admin.override(["limit": 1], of: forged)
        _ = try await admin.post(
            "/api/admin/tenants/acme/reset",
            ["meter": "api_calls", "window": "month", "reason": text])
        _ = try await admin.adjust(1, forged, tenant: forged)
        _ = try await admin.adjust(1, "ai_tokens", idempotencyKey: forged)
        _ = try await admin.post(
            "/api/admin/adjustments",
            ["tenant": "acme", "meter": "ai_tokens", "amount": 1, "reason": text])
        _ = try await admin.post("/api/admin/keys", ["tenant": "acme", "name": text])
        _ = try await admin.post("/api/admin/service-keys", ["name": text, "reason": text])
        _ = try await admin.importing("tenants", [["id": text], ["id": "c", "name": text]])
        _ = try await admin.post(
            "/api/admin/import",
            ["kind": "tenants", "items": [["id": "d"]], "reason": text])
        _ = try await admin.put(
            "/api/admin/organizations/\(forged.percentEncoded)", ["name": text])
        _ = try await admin.put("/api/admin/meters/\(forged.percentEncoded)", ["kind": text])
        _ = try await admin.consume([
            "tenant": "acme", "model": text, "metadata": ["a": text], "plan": text,
        ])
        _ = try await admin.consume(["tenant": "acme", "idempotency_key": text])
        _ = try await admin.batch(forged, [["tenant": text]])
        _ = try await admin.allocate(1, forged, tenant: forged)
        _ = try await admin.forwardAuth("tenant=\(forged.percentEncoded)&model=x%0Ay")
        _ = try await admin.get("/api/\(forged.percentEncoded)?x=\(forged.percentEncoded)")
        _ = try await admin.get("/api/admin/audit?action=\(forged.percentEncoded)")
        let headers = ["X-Weir-Reason": "a\u{1B}[31m red", "User-Agent": "x\u{7F}"]
        _ = try await admin.post("/api/admin/tenants", ["id": "e"], headers: headers)
        _ = try await server.bearer("x\u{1B}forged-7f3a").consume([:])
        let lines = server.logs.lines
        #expect(!lines.isEmpty)
        for line in lines {
            // What callers choose stands in the metadata, which every handler quotes.
            let message = String(line.prefix { $0 != "[" })
            let hasControls = message.unicodeScalars.contains { $0.value < 0x20 }
            #expect(!hasControls, "\(message.debugDescription)")
            #expect(!message.contains("forged-7f3a"), "\(message)")
            #expect(!line.hasPrefix("error"), "\(line.prefix(200))")
        }
    }
}
