extension Tables {
    /// What bills need: rollovers, what accounts have beside their limit, and when that expires.
    static let billing = [
        "ALTER TABLE limits ADD COLUMN rollover TEXT",
        "ALTER TABLE limits ADD COLUMN thresholds TEXT",
        "ALTER TABLE accounts RENAME COLUMN carried TO extra",
        "ALTER TABLE accounts DROP COLUMN carries_unused",
        "ALTER TABLE accounts ADD COLUMN terms TEXT",
        "ALTER TABLE archives RENAME COLUMN carried TO extra",
        "ALTER TABLE archives DROP COLUMN carries_unused",
        "ALTER TABLE archives ADD COLUMN terms TEXT",
    ]
}
