import EmbeddedNode
import Foundation
import QuotaLedger
import QuotaModel
import QuotaNode
import Testing
import WeirHTTP

@testable import WeirServer

@Suite("secrets of a data folder")
struct SecretsTests {
    private let folder: TemporaryFolder
    private let ledger = MemoryLedger(clock: { Timestamp(seconds: 1_795_255_200) })

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("the pepper is made once, and only its owner may read it")
    func pepper() async throws {
        let first = try await Peppers.read(folder: folder.path, ledger: ledger)
        let path = folder.path + "/pepper-1"
        let made = try Data(contentsOf: URL(fileURLWithPath: path))
        let second = try await Peppers.read(folder: folder.path, ledger: ledger)
        #expect(first.map(\.version) == [1])
        #expect(second.map(\.version) == [1])
        #expect(made.count == 32)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == made)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("the pepper of the largest version is the newest, and the older ones stay")
    func morePeppers() async throws {
        _ = try await Peppers.read(folder: folder.path, ledger: ledger)
        for version in [2, 10] {
            try Data(repeating: UInt8(version), count: 32)
                .write(to: URL(fileURLWithPath: folder.path + "/pepper-\(version)"))
        }
        let peppers = try await Peppers.read(folder: folder.path, ledger: ledger)
        #expect(peppers.map(\.version) == [10, 2, 1])
    }

    @Test("a pepper of another length stops the start, with the path", arguments: [0, 31, 33])
    func damagedPepper(bytes: Int) async throws {
        let path = folder.path + "/pepper-1"
        try Data(repeating: 1, count: bytes).write(to: URL(fileURLWithPath: path))
        let error = try await #require(throws: StartFailure.self) {
            try await Peppers.read(folder: folder.path, ledger: ledger)
        }
        #expect(error.description.contains(path))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == bytes)
    }

    @Test("a pepper that is missing while there are keys stops the start, and none is made")
    func missingPepper() async throws {
        let tenant = Tenant(id: TenantID(trusted: "acme"), createdAt: Timestamp(seconds: 0))
        let key = APIKey(
            id: APIKeyID(trusted: "k_1"), tenant: tenant.id, name: "prod",
            createdAt: Timestamp(seconds: 0))
        let credential = KeyCredential(publicID: "1", digest: [], pepperVersion: 1)
        try await ledger.change(.createTenant(tenant))
        try await ledger.change(.createKey(KeyRecord(key: key, credential: credential)))
        await #expect(throws: StartFailure.self) {
            try await Peppers.read(folder: folder.path, ledger: ledger)
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/pepper-1"))
    }

    @Test("a pepper that is missing while there are webhooks stops the start, and none is made")
    func missingPepperOfWebhooks() async throws {
        let endpoint = WebhookEndpoint(
            id: WebhookID(trusted: "ops"), url: "https://hooks.example.com/", pepperVersion: 1,
            createdAt: Timestamp(seconds: 0))
        try await ledger.change(.createEndpoint(endpoint))
        let error = try await #require(throws: StartFailure.self) {
            try await Peppers.read(folder: folder.path, ledger: ledger)
        }
        #expect(error.description.contains("webhooks can't be signed"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/pepper-1"))
    }

    @Test("the admin token is made once, shown once and kept as a hash")
    func madeToken() async throws {
        let first = try await Secrets.adminToken(given: nil, ledger: ledger)
        let text = try #require(first.newText)
        #expect(text.utf8.count >= 32)
        #expect(await ledger.setting("admin_token_sha256") == nil, "kept only once it is shown")
        try await Secrets.keep(first.token, ledger: ledger)
        let second = try await Secrets.adminToken(given: nil, ledger: ledger)
        #expect(second.newText == nil)
        #expect(second.token.digest == first.token.digest)
        #expect(second.token.digest == AdminToken(text: text).digest)
        let stored = await ledger.setting("admin_token_sha256")
        #expect(try #require(stored).contains(text) == false)
        let other = try await Secrets.adminToken(
            given: nil, ledger: MemoryLedger(clock: { Timestamp(seconds: 0) }))
        #expect(other.newText != text)
    }

    @Test("a token that was given is taken, not kept and not shown")
    func givenToken() async throws {
        let given = try await Secrets.adminToken(given: "0123456789abcdef", ledger: ledger)
        #expect(given.newText == nil)
        #expect(given.token.digest == AdminToken(text: "0123456789abcdef").digest)
        #expect(await ledger.setting("admin_token_sha256") == nil)
    }
}
