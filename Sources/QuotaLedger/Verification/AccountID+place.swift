import QuotaModel

extension AccountID {
    /// The row of an account, for people.
    func place(isArchived: Bool) -> String {
        "\(isArchived ? "archives" : "accounts"): \(key.tenant) \(key.limit) from \(periodStart)"
    }

    /// The primary key, as SQLite sorts it.
    var order: (TenantID, ExactString, Timestamp) { (key.tenant, key.limit, periodStart) }
}
