import HTTP
import Testing

@Suite struct ConnectionAllowanceTests {
    @Test(
        "two descriptors for each connection, after what everything else needs",
        arguments: [
            (0, 64), (640, 64), (700, 94), (1024, 256), (8703, 4095), (8704, 4096), (65_536, 4096), (Int.max, 4096),
        ])
    func connections(descriptors: Int, connections: Int) {
        #expect(ConnectionAllowance.connections(within: descriptors) == connections)
        #expect(HTTPServerConfiguration().maximumConnections == 4096)
    }
}
