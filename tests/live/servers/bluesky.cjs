// A PLC directory and a PDS in one process, on 127.0.0.1 alone. The directory lives in memory; what it
// was told is kept in plc.json, so that accounts outlive a kill.
const fs = require('fs')
const net = require('net')

// Both packages call listen(port), which means every interface.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  if (/^\d+$/.test(String(args[0]))) {
    const done = args.find((a) => typeof a === 'function')
    return listen.call(this, { port: Number(args[0]), host: '127.0.0.1' }, done)
  }
  return listen.apply(this, args)
}

const { PlcServer, Database } = require('@did-plc/server')
const { PDS, envToCfg, envToSecrets, readEnv } = require('@atproto/pds')

async function plc() {
  const db = Database.mock()
  const told = fs.existsSync('plc.json') ? JSON.parse(fs.readFileSync('plc.json')) : []
  for (const [did, op] of told) await db.validateAndAddOp(did, op)
  const add = db.validateAndAddOp.bind(db)
  db.validateAndAddOp = async (did, op) => {
    await add(did, op)
    told.push([did, op])
    fs.writeFileSync('plc.new', JSON.stringify(told))
    fs.renameSync('plc.new', 'plc.json')
  }
  await PlcServer.create({ db, port: Number(process.env.PLC_PORT) }).start()
}

async function pds() {
  const env = readEnv()
  await (await PDS.create(envToCfg(env), envToSecrets(env))).start()
}

plc().then(pds).catch((e) => {
  console.error(e)
  process.exit(1)
})
