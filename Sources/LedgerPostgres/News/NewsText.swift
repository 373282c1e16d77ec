import QuotaLedger
import QuotaModel

/// News as the text of a notification: who tells it, and then a line for each.
///
/// Ids have no control characters, so that lines and tabulators keep them apart.
enum NewsText {
    /// PostgreSQL takes fewer than 8,000 bytes.
    private static let maximumBytes = 7_500

    /// The texts that tell news; what would be long tells that anything may have changed.
    static func texts(_ news: [LedgerNews], from id: String) -> [String] {
        var texts: [String] = []
        var text = id
        for item in news {
            let line = "\n" + line(item)
            if text.utf8.count + line.utf8.count > maximumBytes {
                texts.append(text)
                text = id
            }
            text += line
        }
        if text != id { texts.append(text) }
        let isMuch = texts.count > 4 && !news.contains(where: \.isRecall)
        return isMuch ? [id + "\n" + line(.directory)] : texts
    }

    /// The news of a text; none for one's own.
    static func news(_ text: String, besides id: String) -> [LedgerNews] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let teller = lines.first, teller != id else { return [] }
        return lines.dropFirst().map { Self.item($0) }
    }

    private static func line(_ item: LedgerNews) -> String {
        switch item {
        case .tenant(let id): "tenant\t\(id.text)"
        case .key(let publicID, let tenant): "key\t\(publicID)\t\(tenant?.text ?? "")"
        case .directory: "directory"
        case .recall(let key): "recall\t\(key.tenant.text)\t\(key.limit.text)"
        }
    }

    private static func item(_ line: Substring) -> LedgerNews {
        let words = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        switch (words.first, words.count) {
        case ("tenant", 2): return .tenant(TenantID(trusted: words[1]))
        case ("key", 3):
            let tenant = words[2].isEmpty ? nil : TenantID(trusted: words[2])
            return .key(publicID: words[1], tenant: tenant)
        case ("recall", 3):
            return .recall(AccountKey(tenant: TenantID(trusted: words[1]), limit: words[2]))
        // A newer program may tell what this one does not know.
        default: return .directory
        }
    }
}

extension LedgerNews {
    fileprivate var isRecall: Bool {
        if case .recall = self { true } else { false }
    }
}
