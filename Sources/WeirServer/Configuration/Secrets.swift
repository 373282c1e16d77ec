import EmbeddedNode
import Foundation
import QuotaLedger
import WeirHTTP

/// The admin token, whose hash lies in the ledger.
enum Secrets {
    private static let tokenSetting = "admin_token_sha256"
    private static let tokenBytes = 30

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
        let letters = Data(SystemRandom.bytes(tokenBytes)).base64EncodedString()
        let text = "wa_" + letters.filter { $0.isLetter || $0.isNumber }
        return (AdminToken(text: text), text)
    }

    /// Stores a new token's hash: once it can be shown, and not before.
    static func keep(_ token: AdminToken, ledger: any Ledger) async throws {
        try await ledger.change(
            .putSetting(name: tokenSetting, value: Data(token.digest).base64EncodedString()))
    }
}
