import RESPWire
import Testing

@Suite struct RedisConfigurationTests {
    @Test(
        "a URL names servers",
        arguments: [
            ("redis://h", ["h:6379"]), ("redis://h:1", ["h:1"]), ("redis://h:1/", ["h:1"]),
            ("redis://h:1,i:2,j", ["h:1", "i:2", "j:6379"]), ("redis://[::1]:7", ["[::1]:7"]),
            ("redis+sentinel://h,i:2/m", ["h:26379", "i:2"]),
        ])
    func hosts(url: String, hosts: [String]) throws {
        #expect(try RedisConfiguration(url: url).endpoints.map(\.description) == hosts)
    }

    @Test("users, passwords and names are decoded")
    func secrets() throws {
        let one = try RedisConfiguration(url: "redis://us%65r:p%40ss%2Fw%25@h:1/5?name=weir")
        #expect(one.username == "user")
        #expect(one.password == "p@ss/w%")
        #expect(one.database == 5)
        #expect(one.clientName == "weir")
        #expect(one.tls == nil)
        #expect(one.description == "redis://***@h:1/5")
        let two = try RedisConfiguration(url: "redis://:a@b@h")
        #expect(two.username == nil)
        #expect(two.password == "a@b")
        let three = try RedisConfiguration(
            url: "rediss+sentinel://u:p@a:1,b:2/my%20master/3?sentinel-password=s&sentinel-user=t")
        #expect(three.sentinelMaster == "my master")
        #expect(three.database == 3)
        #expect(three.sentinelPassword == "s")
        #expect(three.sentinelUsername == "t")
        #expect(three.description == "rediss+sentinel://***@a:1,b:2/my master/3")
    }

    @Test("TLS has its files and its verification")
    func tls() throws {
        let url = "rediss://h?ca=/a%20b.pem&cert=/c.pem&key=/k.pem&verify=ca"
        let tls = try #require(try RedisConfiguration(url: url).tls)
        #expect(tls.authorityFile == "/a b.pem")
        #expect(tls.certificateFile == "/c.pem")
        #expect(tls.keyFile == "/k.pem")
        #expect(tls.verification == .ca)
        #expect(try RedisConfiguration(url: "rediss://h").tls?.verification == .full)
    }

    @Test(
        "what is wrong is named, and never the password",
        arguments: [
            ("h:1", "begins with"), ("http://h", "scheme"), ("redis://", "host number 1"),
            ("redis://h:0", "host number 1"), ("redis://h:65536", "host number 1"),
            ("redis://h,:2", "host number 2"), ("redis://u@h", "without a password"),
            ("redis://u:hunter2/x@h", "%2F"), ("redis://u:12?hunter2@h", "%3F"),
            ("redis://u:hunter%2@h", "two digits"), ("redis://u:%FFhunter2@h", "UTF-8"),
            ("redis://h/x", "database"), ("redis://h/-1", "database"),
            ("redis://h/1/2", "database"),
            ("redis://h,i/1", "only the database 0"), ("redis+sentinel://h", "name of the master"),
            ("redis://h?color=red", "option number 1 is none of"),
            ("redis://h?sentinel-password=hunter2", "option number 1 is none of"),
            ("redis+sentinel://h/m?sentinel-password=a&hunter2", "option number 2"),
            ("redis://h?ca=/x", "rediss"), ("rediss://h?verify=no", "full, ca and none"),
            ("rediss://h?cert=/x", "without the other"), ("rediss://h?ca=", "no value"),
        ])
    func faults(url: String, text: String) {
        let error = #expect(throws: RedisConfigurationError.self) {
            try RedisConfiguration(url: url)
        }
        #expect(error?.message.contains(text) == true, "\(String(describing: error))")
        #expect(error?.message.contains("hunter") == false)
    }
}
