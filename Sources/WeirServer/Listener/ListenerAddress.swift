/// Where a listener listens, and by which settings.
struct ListenerAddress: Sendable {
    let host: String
    let port: Int
    /// The settings that say so.
    let hostSetting: Setting
    let portSetting: Setting

    /// The address as others write it, with the port that was really taken.
    func url(port: Int, isSecure: Bool) -> String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(isSecure ? "https" : "http")://\(name):\(port)"
    }
}
