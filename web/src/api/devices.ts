import { call } from './client'
import type { Device, System } from './types'

export async function listDevices(): Promise<Device[]> {
  return (await call('get', '/api/v1/devices')).items
}

export async function getSystem(): Promise<System> {
  return (await call('get', '/api/v1/system')) as System
}
