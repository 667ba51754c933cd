import { get } from './client'
import type { Device, System } from './types'

export async function listDevices(): Promise<Device[]> {
  return (await get<{ items: Device[] }>('/devices')).items
}

export function getSystem(): Promise<System> {
  return get('/system')
}
