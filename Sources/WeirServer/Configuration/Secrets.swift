import Foundation
import QuotaLedger
import QuotaNode
import WeirHTTP

/// The secrets of a data folder: the pepper in a file of its own, the admin token's hash in the
/// ledger.
enum Secrets {
    private static let pepperBytes = 32
    private static let tokenSetting = "admin_token_sha256"

    /// Reads the peppers, the newest first, or makes the first one at the first start.
    ///
    /// They lie beside the ledger and not in it, so that a copy of the ledger alone verifies no
    /// key. `pepper-2` beside `pepper-1` is the newer one: new secrets are hashed with it, older
    /// ones are still verified with theirs.
    static func peppers(folder: String, ledger: any Ledger) async throws -> [Pepper] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let versions = names.compactMap { name -> Int64? in
            guard name.hasPrefix("pepper-"), let version = Int64(name.dropFirst(7)), version > 0
            else { return nil }
            return version
        }
        if versions.isEmpty { return [try await firstPepper(folder: folder, ledger: ledger)] }
        return try versions.sorted(by: >).map { try pepper($0, path: "\(folder)/pepper-\($0)") }
    }

    private static func pepper(_ version: Int64, path: String) throws -> Pepper {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StartFailure("\(path) can't be read; give the server the right to")
        }
        guard data.count == pepperBytes else {
            throw StartFailure(
                "\(path) must hold \(pepperBytes) bytes, not \(data.count); restore it from a "
                    + "backup, since API keys can't be verified without it")
        }
        return Pepper(version: version, secret: Array(data))
    }

    private static func firstPepper(folder: String, ledger: any Ledger) async throws -> Pepper {
        let path = folder + "/pepper-1"
        guard try await ledger.keys(of: .tenants, after: nil, limit: 1).isEmpty,
            try await ledger.keys(of: .service, after: nil, limit: 1).isEmpty
        else {
            throw StartFailure(
                "\(path) is missing, and the ledger's API keys can't be verified without it; "
                    + "restore it from a backup")
        }
        let secret = randomBytes(pepperBytes)
        let isCreated = FileManager.default.createFile(
            atPath: path, contents: Data(secret), attributes: [.posixPermissions: 0o600])
        guard isCreated else {
            throw StartFailure("\(path) can't be written; make the data folder writable")
        }
        return Pepper(version: 1, secret: secret)
    }

    /// The admin token: the given one, the stored one, or a new one with its text.
    ///
    /// A new one is not stored yet; see ``keep(_:ledger:)``.
    static func adminToken(
        given: String?,
        ledger: any Ledger
    ) async throws -> (token: AdminToken, newText: String?) {
        if let given { return (AdminToken(text: given), nil) }
        if let stored = try await ledger.setting(tokenSetting),
            let digest = Data(base64Encoded: stored)
        {
            return (AdminToken(digest: Array(digest)), nil)
        }
        let letters = Data(randomBytes(30)).base64EncodedString()
        let text = "wa_" + letters.filter { $0.isLetter || $0.isNumber }
        return (AdminToken(text: text), text)
    }

    /// Stores a new token's hash: once it can be shown, and not before.
    static func keep(_ token: AdminToken, ledger: any Ledger) async throws {
        try await ledger.change(
            .putSetting(name: tokenSetting, value: Data(token.digest).base64EncodedString()))
    }

    private static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
