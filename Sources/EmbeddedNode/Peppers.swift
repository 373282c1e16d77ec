import Foundation
package import QuotaLedger
package import QuotaNode

/// The peppers of a data folder, each in a file of its own.
package enum Peppers {
    private static let byteCount = 32

    /// Reads the peppers, the newest first, or makes the first one at the first start.
    ///
    /// They lie beside the ledger and not in it, so that a copy of the ledger alone verifies no
    /// key. `pepper-2` beside `pepper-1` is the newer one: new secrets are hashed with it, older
    /// ones are still verified with theirs.
    ///
    /// - Parameters:
    ///   - folder: the data folder.
    ///   - text: the peppers themselves, `version:hexadecimal` with commas; nil for those of the
    ///     folder.
    ///   - ledger: the ledger, which knows what tells each pepper from others.
    /// - Returns: the peppers.
    /// - Throws: ``StartFailure`` when they can't be had, or are not those of the ledger.
    package static func read(
        folder: String,
        given text: String? = nil,
        ledger: any Ledger
    ) async throws -> [Pepper] {
        let peppers =
            if let text { try parsed(text) } else {
                try await read(folder: folder, ledger: ledger)
            }
        for pepper in peppers { try await check(pepper, ledger: ledger) }
        return peppers
    }

    /// Refuses a pepper that is not the one that the ledger's keys are hashed with.
    private static func check(_ pepper: Pepper, ledger: any Ledger) async throws {
        let setting = "pepper_\(pepper.version)"
        try await ledger.change(.createSetting(name: setting, value: pepper.fingerprint))
        guard try await ledger.setting(setting) == pepper.fingerprint else {
            throw StartFailure(
                "pepper \(pepper.version) is not the one that the ledger's API keys are hashed "
                    + "with: give each node the same peppers, as files pepper-1 … in its data "
                    + "folder or as WEIR_PEPPERS")
        }
    }

    private static func parsed(_ text: String) throws -> [Pepper] {
        let failure = StartFailure(
            "WEIR_PEPPERS must be version:secret with commas, a secret of \(byteCount * 2) "
                + "hexadecimal digits; `openssl rand -hex \(byteCount)` makes one")
        var peppers: [Pepper] = []
        for part in text.split(separator: ",") {
            let words = part.split(separator: ":")
            guard words.count == 2, let version = Int64(words[0]), version > 0,
                let secret = bytes(words[1]), secret.count == byteCount
            else { throw failure }
            peppers.append(Pepper(version: version, secret: secret))
        }
        guard !peppers.isEmpty, Set(peppers.map(\.version)).count == peppers.count else {
            throw failure
        }
        return peppers.sorted { $0.version > $1.version }
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2)
            .map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private static func read(folder: String, ledger: any Ledger) async throws -> [Pepper] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let versions = names.compactMap { name -> Int64? in
            guard name.hasPrefix("pepper-"), let version = Int64(name.dropFirst(7)), version > 0
            else { return nil }
            return version
        }
        if versions.isEmpty { return [try await makeFirst(folder: folder, ledger: ledger)] }
        return try versions.sorted(by: >).map { try read($0, path: "\(folder)/pepper-\($0)") }
    }

    private static func read(_ version: Int64, path: String) throws -> Pepper {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StartFailure("\(path) can't be read; give the server the right to")
        }
        guard data.count == byteCount else {
            throw StartFailure(
                "\(path) must hold \(byteCount) bytes, not \(data.count); restore it from a "
                    + "backup, since API keys can't be verified without it")
        }
        return Pepper(version: version, secret: Array(data))
    }

    private static func makeFirst(folder: String, ledger: any Ledger) async throws -> Pepper {
        let path = folder + "/pepper-1"
        guard try await ledger.keys(of: .tenants, after: nil, limit: 1).isEmpty,
            try await ledger.keys(of: .service, after: nil, limit: 1).isEmpty
        else {
            throw StartFailure(
                "\(path) is missing, and the ledger's API keys can't be verified without it; "
                    + "restore it from a backup")
        }
        // Another pepper of the same number would sign with secrets that no receiver knows.
        guard try await ledger.endpoints().isEmpty else {
            throw StartFailure(
                "\(path) is missing, and the ledger's webhooks can't be signed without it; "
                    + "restore it from a backup")
        }
        let secret = SystemRandom.bytes(byteCount)
        let isCreated = FileManager.default.createFile(
            atPath: path, contents: Data(secret), attributes: [.posixPermissions: 0o600])
        guard isCreated else {
            throw StartFailure("\(path) can't be written; make the data folder writable")
        }
        return Pepper(version: 1, secret: secret)
    }
}
